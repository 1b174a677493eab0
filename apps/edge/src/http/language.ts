import type { ShopView } from "@stoa/read-models";

const RANGES_MAX = 20;
const HEADER_LENGTH_MAX = 500;

/** The languages of a shop: its own, and those it has besides. */
export type ShopLanguages = Pick<ShopView, "locale" | "locales">;

/** The language of the shop that is nearest to what a caller asks for; the shop's own when it has none of them. */
export function languageFor({ locale, locales }: ShopLanguages, asked: string | null, accept: string | null): string {
  if (locales.length === 0) return locale;
  const offered = [locale, ...locales.map(({ code }) => code)];
  for (const range of asked === null ? rangesOf(accept) : [asked]) {
    if (range === "*") return locale;
    const found = nearest(offered, range);
    if (found) return found;
  }
  return locale;
}

/** Where a text is looked for, best first. */
export function fallbacksOf({ locale, locales }: ShopLanguages, language: string): string[] {
  const fallbacks = locales.find(({ code }) => code === language)?.fallbacks ?? [];
  return [...new Set([language, ...fallbacks, locale])];
}

/** This very language, else it without its region, else any region of it. */
function nearest(offered: readonly string[], range: string): string | undefined {
  const wanted = range.toLowerCase();
  const [language = wanted] = wanted.split("-");
  const lower = (code: string) => code.toLowerCase();
  return (
    offered.find((code) => lower(code) === wanted) ??
    offered.find((code) => lower(code) === language) ??
    offered.find((code) => lower(code).startsWith(`${language}-`))
  );
}

/** The ranges of an Accept-Language header, the most wanted first; those that are not wanted at all are left out. */
function rangesOf(header: string | null): string[] {
  if (header === null) return [];
  return header
    .slice(0, HEADER_LENGTH_MAX)
    .split(",")
    .slice(0, RANGES_MAX)
    .map((part) => {
      const [range = "", ...parameters] = part.split(";").map((one) => one.trim());
      const quality = parameters.find((one) => one.startsWith("q="))?.slice(2);
      return { range, quality: quality === undefined ? 1 : Number(quality) };
    })
    .filter(({ range, quality }) => range !== "" && quality > 0)
    .toSorted((left, right) => right.quality - left.quality)
    .map(({ range }) => range);
}

import { z } from "zod";

const LOCALES_MAX = 30;

/** Text by locale, e.g. `{ "en-US": "Hoodie", de: "Kapuzenpulli" }`. */
export type Texts = Readonly<Record<string, string>>;

/** What may come in as a text by locale. */
export function textsSchema(lengthMax: number) {
  return z
    .record(z.string().regex(/^[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*$/), storableText(lengthMax))
    .refine((texts) => Object.keys(texts).length <= LOCALES_MAX, { message: "too many locales" });
}

const CONTROL = /\p{Cc}/u;

/** One to `lengthMax` characters after trimming, on one line: what stands on a parcel's label, or is a name or a code. */
export function lineText(lengthMax: number) {
  return z
    .string()
    .max(lengthMax)
    .trim()
    .min(1)
    .refine((value) => value.isWellFormed() && !CONTROL.test(value), { message: "must not hold control characters" });
}

/** A text that every store takes. */
export function storableText(lengthMax: number) {
  return z.string().max(lengthMax).refine(isStorable, { message: UNSTORABLE });
}

export const UNSTORABLE = "must hold neither NUL nor half a character";

/** Whether Postgres takes all texts and names in a value: it refuses NUL, and within JSON half a surrogate pair as well. */
export function isStorable(value: unknown): boolean {
  if (typeof value === "string") return !value.includes("\0") && value.isWellFormed();
  if (Array.isArray(value)) return value.every(isStorable);
  if (value === null || typeof value !== "object" || Object.getPrototypeOf(value) !== Object.prototype) return true;
  return Object.entries(value).every(([name, member]) => isStorable(name) && isStorable(member));
}

/** The text in the first of these locales that has one, be it in another region of its language; else the first there is, or "". */
export function textIn(texts: Texts, ...locales: readonly string[]): string {
  for (const locale of locales) {
    const found = textNear(texts, locale);
    if (found !== null) return found;
  }
  return Object.values(texts).find((text) => text.trim() !== "") ?? "";
}

/** The text in this very locale, else in its language, else null. */
export function textNear(texts: Texts, locale: string): string | null {
  const exact = texts[locale];
  if (exact) return exact;
  const language = locale.split("-")[0] ?? locale;
  const near = Object.keys(texts).find((key) => key === language || key.startsWith(`${language}-`));
  return (near && texts[near]) || null;
}

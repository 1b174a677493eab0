import { escapeMarkup } from "@stoa/kernel";
import { pageUrl, SITEMAP_CHUNK_MAX, type SitemapEntry } from "@stoa/read-models";

/** What search engines take of one sitemap (sitemaps.org), with room to spare in the bytes. */
const URLS_MAX = 50_000;
const BYTES_MAX = 45_000_000;
/** A URL with all that stands around it, and one language that it is told in; templates are 500 characters long at most. */
const URL_BYTES = 900;

const NAMESPACES = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:xhtml="http://www.w3.org/1999/xhtml"';
const DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n';
export const URLSET_START = `${DECLARATION}<urlset ${NAMESPACES}>\n`;
export const URLSET_END = "</urlset>\n";

/** Where the pages of a shop are. */
export interface Pages {
  /** With `{slug}` in it, and `{locale}` where each language has pages of its own. */
  readonly product: string;
  readonly category: string;
  /** The shop's own language. */
  readonly locale: string;
  /** How many there are, the shop's own included. */
  readonly languages: number;
}

/** How many chunks one sitemap may hold, were every page told in every language. */
export function chunksPerSitemap({ product, category, languages }: Pages): number {
  const pages = [product, category].some(hasLocale) ? languages : 1;
  const byCount = URLS_MAX / (SITEMAP_CHUNK_MAX * pages);
  // Each page of a product names all its languages, itself included, and the one for everybody else.
  const bytes = SITEMAP_CHUNK_MAX * pages * (pages === 1 ? URL_BYTES : URL_BYTES * (pages + 2));
  return Math.max(1, Math.floor(Math.min(byCount, BYTES_MAX / bytes)));
}

export function sitemapIndex(urls: readonly string[]): string {
  const items = urls.map((url) => `<sitemap><loc>${escapeMarkup(url)}</loc></sitemap>\n`).join("");
  return `${DECLARATION}<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n${items}</sitemapindex>\n`;
}

/** The pages of some products and categories, each in each of its languages. */
export function sitemapUrls(entries: readonly SitemapEntry[], pages: Pages): string {
  return entries.map((entry) => urlsOf(entry, pages)).join("");
}

function urlsOf([kind, slug, changedAt, further]: SitemapEntry, pages: Pages): string {
  const template = kind === "p" ? pages.product : pages.category;
  const changed = changedAt > 0 ? `<lastmod>${new Date(changedAt * 1_000).toISOString()}</lastmod>` : "";
  const urlIn = (locale: string) => escapeMarkup(pageUrl(template, slug, locale));
  const languages = hasLocale(template) ? [pages.locale, ...further] : [pages.locale];
  const links =
    languages.length === 1
      ? ""
      : [...languages.map((locale) => [locale, urlIn(locale)]), ["x-default", urlIn(pages.locale)]]
          .map(([language, url]) => `<xhtml:link rel="alternate" hreflang="${language}" href="${url}"/>`)
          .join("");
  return languages.map((locale) => `<url><loc>${urlIn(locale)}</loc>${changed}${links}</url>\n`).join("");
}

function hasLocale(template: string): boolean {
  return template.includes("{locale}");
}

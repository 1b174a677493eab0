import { z } from "zod";

/** Pages of one chunk; small enough for the sitemap of thirty languages to keep to what search engines take. */
export const SITEMAP_CHUNK_MAX = 50;

/** What there is to be found: a hash of each chunk. */
export const sitemapViewSchema = z.object({ chunks: z.array(z.string()) });
export type SitemapView = z.infer<typeof sitemapViewSchema>;

/**
 * One page of the shop: a product or a category, when it was changed last (seconds, 0 when nobody says), its
 * further languages, and last the channels that show it; where none is named, a product is shown in the default one and a category in all.
 */
export const sitemapEntrySchema = z.tuple([z.enum(["p", "c"]), z.string(), z.int(), z.array(z.string())], z.string());
export type SitemapEntry = z.infer<typeof sitemapEntrySchema>;

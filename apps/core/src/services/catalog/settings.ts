import { z } from "zod";
import { defineSetting } from "../../platform/settings/index.ts";

const LOCALES_MAX = 29;
const localeSchema = z
  .string()
  .max(20)
  .regex(/^[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*$/, { message: "must be a language tag such as de or pt-BR" });

/** Where the page of a product or a category is: `{slug}` stands in it, and `{locale}` where each language has pages of its own. */
const pageUrlSchema = z
  .string()
  .max(500)
  .regex(/^https?:\/\/[^\s"<>]*\{slug\}[^\s"<>]*$/, { message: "must be an http(s) URL with {slug} in it" });

/** What the catalog has to know of the pages that show it. */
export const storefrontSetting = defineSetting(
  "storefront",
  z.strictObject({
    /** Languages besides the shop's own, each with those that stand in for it, best first; the shop's own is the last resort. */
    locales: z
      .array(z.strictObject({ code: localeSchema, fallbacks: z.array(localeSchema).max(5) }))
      .max(LOCALES_MAX)
      .refine((all) => new Set(all.map(({ code }) => code)).size === all.length, {
        message: "a language stands here twice",
      }),
    productUrl: pageUrlSchema.nullable(),
    categoryUrl: pageUrlSchema.nullable(),
  }),
  { locales: [], productUrl: null, categoryUrl: null },
);

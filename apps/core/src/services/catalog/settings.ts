import { z } from "zod";
import { defineSetting, localeSchema, pageUrlSchema } from "../../platform/settings/index.ts";

const LOCALES_MAX = 29;
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

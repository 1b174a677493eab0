import { z } from "zod";
import type { Outputs } from "../../trpc.ts";
import type { ProductStatus } from "./products-search.ts";

export type Product = Outputs["catalog"]["products"]["get"];
export type Variant = Product["variants"][number];

export const basicsSchema = z.object({
  title: z.string().trim().min(1, "A product needs a title").max(300, "At most 300 characters"),
  description: z.string().max(50_000, "At most 50,000 characters"),
  brand: z.string().trim().max(100, "At most 100 characters"),
});
export type Basics = z.infer<typeof basicsSchema>;

/** The locale that is edited: the shop's own, or the first in which the product has words. */
export function editedLocale({ title }: Pick<Product, "title">, shopLocale: string): string {
  const locales = Object.keys(title);
  const language = shopLocale.split("-")[0];
  const near =
    locales.find((locale) => locale === shopLocale) ?? locales.find((locale) => locale.startsWith(`${language}`));
  return near ?? locales[0] ?? shopLocale;
}

export function basicsOf(product: Product, locale: string): Basics {
  return {
    title: product.title[locale] ?? "",
    description: product.description[locale] ?? "",
    brand: product.brand ?? "",
  };
}

/** What core is to write; other languages stay as they are. */
export function basicsPatch(product: Product, locale: string, { title, description, brand }: Basics) {
  const described = { ...product.description, [locale]: description };
  if (description === "") delete described[locale];
  return { title: { ...product.title, [locale]: title }, description: described, brand: brand === "" ? null : brand };
}

export interface Difference {
  readonly field: keyof Basics;
  readonly mine: string;
  readonly theirs: string;
}

/** Where two people have written different things, so that the later one can decide. */
export function differences(mine: Basics, theirs: Basics): Difference[] {
  const fields = ["title", "description", "brand"] as const;
  return fields
    .filter((field) => mine[field] !== theirs[field])
    .map((field) => ({ field, mine: mine[field], theirs: theirs[field] }));
}

export type StatusAction = "publish" | "unpublish" | "archive";

/** Why a product's status cannot be changed so, or null when it can. */
export function statusRefusal({ status, variants }: Pick<Product, "status" | "variants">, action: StatusAction) {
  const legal: Readonly<Record<ProductStatus, readonly StatusAction[]>> = {
    draft: ["publish", "archive"],
    published: ["unpublish", "archive"],
    archived: ["unpublish"],
  };
  if (!legal[status].includes(action)) return `It is ${status === "draft" ? "a draft" : status}`;
  const isPriced = variants.some((variant) => variant.prices.length > 0);
  return action === "publish" && !isPriced ? "No variant has a price" : null;
}

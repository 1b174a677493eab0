import type { Client, CollectionCreateSchema } from "typesense";
import { seededRandom } from "../../faults.ts";

const BRANDS = ["Alder", "Birch & Sons", "Cedar", "Douglas-Fir", "Elm Co."];
const COLORS = ["red", "navy", "forest green", "white"];
const MATERIALS = ["leather", "cotton", "wool", "canvas"];
const THINGS = ["jacket", "lamp", "wallet", "backpack", "notebook", "kettle"];
const CATEGORIES = ["home", "travel", "office", "garden"];

/** A product as a shop might index it. */
export interface SampleProduct {
  readonly id: string;
  readonly slug: string;
  readonly title: string;
  readonly brand: string;
  readonly description: string;
  readonly skus: readonly string[];
  readonly categories: readonly string[];
  readonly categoryNames: readonly string[];
  readonly attributes: readonly string[];
  readonly attributeText: string;
  readonly prices: { readonly USD?: number; readonly EUR?: number };
  readonly inStock: boolean;
  readonly publishedAt: number;
  readonly sold: number;
}

/** Products of a shop; the same for the same seed. */
export function shopDocuments(count: number, seed = 7): SampleProduct[] {
  const random = seededRandom(seed);
  const one = <T>(items: readonly T[]): T => {
    const item = items[Math.floor(random() * items.length)];
    if (item === undefined) throw new Error("nothing to choose from");
    return item;
  };
  return Array.from({ length: count }, (_, at) => {
    const color = one(COLORS);
    const material = one(MATERIALS);
    const thing = one(THINGS);
    const usd = 500 + Math.floor(random() * 40_000);
    return {
      id: `prod_${String(at).padStart(5, "0")}`,
      slug: `${thing}-${at}`,
      title: `${color} ${material} ${thing}`,
      brand: one(BRANDS),
      description: `A ${thing} made of ${material}. Lasts for years.`,
      skus: [`SKU-${at}`, `SKU${at}`],
      categories: [...new Set([one(CATEGORIES), one(CATEGORIES)])],
      categoryNames: [one(CATEGORIES)],
      attributes: [`color=${color}`, `material=${material}`, `size=${one(["S", "M", "L", "XL"])}`],
      attributeText: `${color} ${material}`,
      // Some products are not sold in euros.
      prices: random() < 0.8 ? { USD: usd, EUR: Math.round(usd * 0.9) } : { USD: usd },
      inStock: random() < 0.7,
      publishedAt: 1_700_000_000 + Math.floor(random() * 1_000_000),
      sold: Math.floor(random() * 500),
    };
  });
}

export function shopSchema(name: string): CollectionCreateSchema {
  return {
    name,
    enable_nested_fields: true,
    fields: [
      { name: "slug", type: "string", index: false, optional: true },
      { name: "title", type: "string" },
      { name: "brand", type: "string", facet: true },
      { name: "description", type: "string" },
      { name: "skus", type: "string[]" },
      { name: "categories", type: "string[]", facet: true },
      { name: "categoryNames", type: "string[]" },
      { name: "attributes", type: "string[]", facet: true },
      { name: "attributeText", type: "string" },
      { name: "prices.USD", type: "int64", facet: true, optional: true },
      { name: "prices.EUR", type: "int64", facet: true, optional: true },
      { name: "inStock", type: "bool", facet: true },
      { name: "publishedAt", type: "int64" },
      { name: "sold", type: "int32" },
    ],
  };
}

/** The client's handle on the products of a shop. */
export function productsOf(client: Client, name: string) {
  return client.collections<SampleProduct>(name).documents();
}

export type Documents = ReturnType<typeof productsOf>;

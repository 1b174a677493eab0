import type { EdgeUnderTest } from "./edge-under-test.ts";
import { summaryView, usd } from "./fixtures.ts";
import { seedProducts } from "./search-collection.ts";

export const lamp = summaryView({ title: "Reading lamp", brand: "Lumen", price: usd(5200) });
/** Sold out, and of a brand whose name has to be escaped. */
export const desk = summaryView({ title: "Oak desk", brand: "Wood & <b> Sons", price: usd(19_900), inStock: false });
export const shade = summaryView({ title: "Lamp shade", brand: "Lumen", price: usd(1500) });

/** The three of them in the index, in two categories, with attributes; each is first by another order. */
export function seedSmallCatalog(edge: EdgeUnderTest): Promise<void> {
  return seedProducts(edge, [
    { summary: lamp, document: { categories: ["light", "home"], attributes: ["color=red"], sold: 5, publishedAt: 3 } },
    { summary: desk, document: { categories: ["home"], attributes: ["color=oak"], sold: 9, publishedAt: 1 } },
    {
      summary: shade,
      document: { categories: ["light"], attributes: ["color=blue", "size=L"], sold: 1, publishedAt: 2 },
    },
  ]);
}

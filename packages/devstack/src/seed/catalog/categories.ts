import { bagProducts } from "./bags.ts";
import { campingProducts } from "./camping.ts";
import { furnitureProducts } from "./furniture.ts";
import { gardenProducts } from "./garden.ts";
import { kitchenProducts } from "./kitchen.ts";
import { lightingProducts } from "./lighting.ts";
import type { ProductSeed } from "./product-seed.ts";
import { textileProducts } from "./textiles.ts";
import { toolProducts } from "./tools.ts";

export interface CategorySeed {
  readonly slug: string;
  readonly name: string;
  readonly products: readonly ProductSeed[];
}

export interface DepartmentSeed {
  readonly slug: string;
  readonly name: string;
  readonly categories: readonly CategorySeed[];
}

/** The two halves of the shop, each with four categories that hold its products. */
export const departments: readonly DepartmentSeed[] = [
  {
    slug: "home",
    name: "Home",
    categories: [
      { slug: "lighting", name: "Lighting", products: lightingProducts },
      { slug: "furniture", name: "Furniture", products: furnitureProducts },
      { slug: "kitchen-and-table", name: "Kitchen & Table", products: kitchenProducts },
      { slug: "textiles", name: "Textiles", products: textileProducts },
    ],
  },
  {
    slug: "outdoor",
    name: "Outdoor",
    categories: [
      { slug: "camping", name: "Camping", products: campingProducts },
      { slug: "bags", name: "Bags", products: bagProducts },
      { slug: "garden", name: "Garden", products: gardenProducts },
      { slug: "tools-and-knives", name: "Tools & Knives", products: toolProducts },
    ],
  },
];

import { z } from "zod";
import { type DepartmentSeed, departments } from "./catalog/categories.ts";
import type { ShelfProduct, ShelfVariant } from "./catalog/shelf.ts";
import type { Dashboard } from "./dashboard.ts";
import { inParallel } from "./in-parallel.ts";
import type { ImageUrl } from "./write-images.ts";

const LOCALE = "en-US";
const AT_A_TIME = 6;

const stored = z.object({ _id: z.string(), revision: z.int() });

/** Makes the categories and puts the products into them, as drafts that are then published. */
export async function fillCatalog(
  dashboard: Dashboard,
  products: readonly ShelfProduct[],
  imageUrl: ImageUrl,
): Promise<void> {
  const categoryIds = new Map<string, string>();
  for (const [position, department] of departments.entries()) {
    await saveDepartment(dashboard, { department, position, categoryIds });
  }
  await inParallel(products, AT_A_TIME, async (product) => {
    const categoryId = categoryIds.get(product.categorySlug);
    const input = contentOf(product, categoryId === undefined ? [] : [categoryId], imageUrl);
    const { _id: id, revision: version } = await dashboard.change(
      `adding the product ${product.slug}`,
      "catalog.products.create",
      input,
      stored,
    );
    await dashboard.change(`publishing ${product.slug}`, "catalog.products.publish", { id, version }, z.unknown());
  });
}

interface DepartmentContext {
  readonly department: DepartmentSeed;
  readonly position: number;
  /** Filled by slug. */
  readonly categoryIds: Map<string, string>;
}

async function saveDepartment(
  dashboard: Dashboard,
  { department, position, categoryIds }: DepartmentContext,
): Promise<void> {
  const save = async (slug: string, name: string, place: { parentId: string | null; position: number }) => {
    const input = { ...place, slug, name: { [LOCALE]: name } };
    const { _id } = await dashboard.change(`adding the category ${slug}`, "catalog.categories.save", input, stored);
    categoryIds.set(slug, _id);
    return _id;
  };
  const parentId = await save(department.slug, department.name, { parentId: null, position });
  for (const [index, { slug, name }] of department.categories.entries()) {
    await save(slug, name, { parentId, position: index });
  }
}

function contentOf(product: ShelfProduct, categoryIds: readonly string[], imageUrl: ImageUrl) {
  const { seed, slug, variants } = product;
  const names = [...new Set(variants.flatMap(({ options }) => Object.keys(options)))];
  return {
    slug,
    title: { [LOCALE]: seed.title },
    description: { [LOCALE]: seed.description },
    brand: seed.brand,
    categoryIds,
    collections: seed.collections ?? [],
    attributes: Object.entries(seed.attributes).map(([code, value]) => ({ code, type: typeOf(value), value })),
    media: seed.colours.map((colour) => imageUrl(product, colour)),
    options: names.map((name) => ({
      name,
      values: [...new Set(variants.flatMap(({ options }) => options[name] ?? []))],
    })),
    variants: variants.map((variant) => ({
      sku: variant.sku,
      options: variant.options,
      prices: pricesOf(variant),
      image: imageUrl(product, variant.colour),
      weightGrams: seed.grams,
      dimensionsMm: { length: seed.box[0], width: seed.box[1], height: seed.box[2] },
      allowBackorder: seed.backorder ?? false,
    })),
  };
}

function pricesOf({ usd, eur, was }: ShelfVariant) {
  return [
    { currency: "USD", amount: usd, ...(was && { compareAt: was.usd }) },
    { currency: "EUR", amount: eur, ...(was && { compareAt: was.eur }) },
  ];
}

function typeOf(value: ShelfProduct["seed"]["attributes"][string]): "text" | "number" | "boolean" | "list" {
  if (typeof value === "string") return "text";
  if (typeof value === "number") return "number";
  return typeof value === "boolean" ? "boolean" : "list";
}

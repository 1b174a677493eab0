import { z } from "zod";
import { departments } from "./catalog/categories.ts";
import type { ShelfProduct, ShelfVariant } from "./catalog/shelf.ts";
import type { Dashboard } from "./dashboard.ts";
import type { ImageUrl } from "./write-images.ts";

const LOCALE = "en-US";

const stored = z.object({ id: z.string(), slug: z.string(), version: z.int() });

/** Makes the categories and puts the products into them, as drafts that are then published. */
export async function fillCatalog(
  dashboard: Dashboard,
  products: readonly ShelfProduct[],
  imageUrl: ImageUrl,
): Promise<void> {
  const categoryIds = await saveCategories(dashboard);
  const drafts = await dashboard.change(
    "catalog.products.create",
    products.map((product) => ({
      step: `adding the product ${product.slug}`,
      input: contentOf(product, categoryIds.get(product.categorySlug), imageUrl),
    })),
    stored,
  );
  const publications = drafts.map(({ id, slug, version }) => ({
    step: `publishing ${slug}`,
    input: { id, version },
  }));
  await dashboard.change("catalog.products.publish", publications, z.unknown());
}

/** Answers the ids by slug. */
async function saveCategories(dashboard: Dashboard): Promise<Map<string, string>> {
  const save = async (places: readonly CategoryPlace[]) => {
    const changes = places.map(({ name, ...place }) => ({
      step: `adding the category ${place.slug}`,
      input: { ...place, name: { [LOCALE]: name } },
    }));
    const saved = await dashboard.change("catalog.categories.save", changes, stored);
    return saved.map(({ slug, id }) => [slug, id] as const);
  };
  const above = new Map(
    await save(departments.map(({ slug, name }, position) => ({ parentId: null, slug, name, position }))),
  );
  const places = departments.flatMap((department) => {
    const parentId = above.get(department.slug) ?? null;
    return department.categories.map(({ slug, name }, position) => ({ parentId, slug, name, position }));
  });
  return new Map([...above, ...(await save(places))]);
}

interface CategoryPlace {
  readonly parentId: string | null;
  readonly slug: string;
  readonly name: string;
  readonly position: number;
}

function contentOf(product: ShelfProduct, categoryId: string | undefined, imageUrl: ImageUrl) {
  const { seed, slug, variants } = product;
  const names = [...new Set(variants.flatMap(({ options }) => Object.keys(options)))];
  return {
    slug,
    title: { [LOCALE]: seed.title },
    description: { [LOCALE]: seed.description },
    brand: seed.brand,
    categoryIds: categoryId === undefined ? [] : [categoryId],
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

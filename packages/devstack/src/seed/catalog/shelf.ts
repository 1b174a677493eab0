import { type ColourName, colours } from "../images/colours.ts";
import type { ImageSeed } from "../images/draw-image.ts";
import { departments } from "./categories.ts";
import type { ProductSeed, SizeSeed, Units } from "./product-seed.ts";

export interface ShelfVariant {
  readonly sku: string;
  readonly options: Readonly<Record<string, string>>;
  readonly colour: ColourName;
  /** Cents. */
  readonly usd: number;
  readonly eur: number;
  readonly was: { readonly usd: number; readonly eur: number } | null;
  readonly stock: Units;
}

/** A product with its variants spelled out. */
export interface ShelfProduct {
  readonly seed: ProductSeed;
  readonly slug: string;
  readonly categorySlug: string;
  readonly variants: readonly ShelfVariant[];
  /** One for each colour. */
  readonly images: ReadonlyMap<ColourName, ImageSeed>;
}

/** Everything the demo shop sells. */
export const shelf: readonly ShelfProduct[] = departments.flatMap(({ categories }) =>
  categories.flatMap(({ slug, products }) => products.map((seed) => shelfProduct(seed, slug))),
);

/** Spells out a product. @throws RangeError when its stock does not name each variant once. */
export function shelfProduct(seed: ProductSeed, categorySlug: string): ShelfProduct {
  const sizes: readonly (SizeSeed | null)[] = seed.sizes?.values ?? [null];
  const choices = seed.colours.flatMap((colour) => sizes.map((size) => ({ colour, size })));
  if (choices.length !== seed.stock.length) {
    throw new RangeError(`${seed.sku} has ${choices.length} variants and ${seed.stock.length} stock entries`);
  }
  return {
    seed,
    slug: slugOf(seed.title),
    categorySlug,
    variants: choices.map(({ colour, size }, index) =>
      variantOf(seed, { colour, size, stock: seed.stock[index] ?? [0, 0] }),
    ),
    images: new Map(seed.colours.map((colour) => [colour, imageOf(seed, colour)])),
  };
}

interface Choice {
  readonly colour: ColourName;
  readonly size: SizeSeed | null;
  readonly stock: Units;
}

function variantOf(seed: ProductSeed, { colour, size, stock }: Choice): ShelfVariant {
  const extra = size?.extra ?? 0;
  const hasColours = seed.colours.length > 1;
  return {
    sku: [seed.sku, hasColours ? colours[colour].code : null, size?.code].filter(Boolean).join("-"),
    options: {
      ...(hasColours && { Color: colours[colour].name }),
      ...(seed.sizes && size && { [seed.sizes.option]: size.name }),
    },
    colour,
    usd: seed.usd + extra,
    eur: seed.eur + extra,
    was: seed.was ? { usd: seed.was.usd + extra, eur: seed.was.eur + extra } : null,
    stock,
  };
}

function imageOf(seed: ProductSeed, colour: ColourName): ImageSeed {
  const title = seed.colours.length > 1 ? `${seed.title} in ${colours[colour].name.toLowerCase()}` : seed.title;
  return { motif: seed.motif, colour, title };
}

function slugOf(title: string): string {
  return title
    .toLowerCase()
    .replace(/['’]/g, "")
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "");
}

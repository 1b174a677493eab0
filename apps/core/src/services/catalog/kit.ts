import type { FieldError, ProductId } from "@stoa/kernel";
import type { CatalogDatabase } from "./database.ts";
import type { ProductContent, ProductDocument, Variant } from "./documents.ts";

/** A part as those who sell the kit need to know it. */
export interface KitPart {
  readonly sku: string;
  readonly title: string;
  /** For one unit of the kit. */
  readonly quantity: number;
  readonly trackInventory: boolean;
  readonly allowBackorder: boolean;
}

/** How many units of a part can be had. */
export type UnitsOf = (sku: string) => number;

export interface KitStock {
  /** Whole kits that can be had at once; null where no part is counted. */
  readonly available: number | null;
  /** Whether one more could be sold ahead: whatever is short of it may be. */
  readonly allowBackorder: boolean;
}

/** A kit is there as often as the scarcest of its parts allows. */
export function kitStock(parts: readonly Omit<KitPart, "title">[], unitsOf: UnitsOf): KitStock {
  const counted = parts.filter((part) => part.trackInventory);
  if (counted.length === 0) return { available: null, allowBackorder: false };
  const whole = counted.map(({ sku, quantity }) => Math.floor(Math.max(0, unitsOf(sku)) / quantity));
  const short = counted.filter(({ sku, quantity }) => unitsOf(sku) < quantity);
  return {
    available: Math.min(...whole),
    allowBackorder: short.length > 0 ? short.every((part) => part.allowBackorder) : false,
  };
}

/**
 * What is wrong with a product's kits: parts that are unknown or kits themselves, and SKUs that become a kit or cease to be one,
 * which would leave stock behind that nobody can sell. Two queries at most, none where nothing is a kit.
 */
export async function kitErrors(
  catalog: CatalogDatabase,
  { variants }: Pick<ProductContent, "variants">,
  before: Pick<ProductDocument, "_id" | "variants"> | null,
): Promise<FieldError[]> {
  const was = new Map(before?.variants.map((variant) => [variant.sku, variant]));
  const turned = variants.flatMap(({ sku, kit }, index) => {
    const known = was.get(sku);
    const isTurned = known !== undefined && (known.kit === undefined) !== (kit === undefined);
    return isTurned
      ? [{ path: `variants.${index}.kit`, message: "a SKU stays a kit, or none, for good; take a new SKU" }]
      : [];
  });
  const kits = variants.filter((variant) => variant.kit !== undefined);
  if (kits.length === 0) return turned;
  const own = new Map(variants.map((variant) => [variant.sku, variant]));
  const [known, users] = await Promise.all([partsIn(catalog, kits), usersOf(catalog, kits, before?._id ?? null)]);
  const errors = variants.flatMap(({ sku, kit = [] }, index) => {
    const path = `variants.${index}.kit`;
    const twice = kit.length > new Set(kit.map((part) => part.sku)).size;
    return [
      ...(twice ? [{ path, message: "a part stands here twice" }] : []),
      ...(kit.length > 0 && users.has(sku) ? [{ path, message: `${sku} is a part of another kit` }] : []),
      ...kit.flatMap((part, place) => {
        const found = own.get(part.sku) ?? known.get(part.sku);
        if (!found) return [{ path: `${path}.${place}.sku`, message: "unknown SKU" }];
        return found.kit ? [{ path: `${path}.${place}.sku`, message: "a kit is no part of a kit" }] : [];
      }),
    ];
  });
  return [...turned, ...errors];
}

/** The variants that kits are made of, by SKU, whatever the state of their products. */
export async function partsIn(
  { products }: CatalogDatabase,
  kits: readonly Pick<Variant, "kit">[],
): Promise<Map<string, Variant & { readonly title: ProductDocument["title"] }>> {
  const skus = new Set(kits.flatMap(({ kit = [] }) => kit.map((part) => part.sku)));
  if (skus.size === 0) return new Map();
  const owners = await products
    .find<Pick<ProductDocument, "title" | "variants">>(
      { "variants.sku": { $in: [...skus] } },
      { projection: { title: 1, variants: 1 } },
    )
    .toArray();
  return new Map(
    owners.flatMap(({ title, variants }) =>
      variants.filter(({ sku }) => skus.has(sku)).map((variant) => [variant.sku, { ...variant, title }] as const),
    ),
  );
}

async function usersOf(
  { products }: CatalogDatabase,
  kits: readonly Variant[],
  own: ProductId | null,
): Promise<Set<string>> {
  const skus = kits.map((kit) => kit.sku);
  const users = await products
    .find(
      { "variants.kit.sku": { $in: skus }, ...(own && { _id: { $ne: own } }) },
      { projection: { "variants.kit": 1 } },
    )
    .toArray();
  return new Set(users.flatMap(({ variants }) => variants.flatMap(({ kit = [] }) => kit.map((part) => part.sku))));
}

/** Which of these SKUs are kits. */
export async function kitsAmong({ products }: CatalogDatabase, skus: readonly string[]): Promise<Set<string>> {
  const wanted = new Set(skus);
  const owners = await products
    .find(
      { variants: { $elemMatch: { sku: { $in: [...wanted] }, kit: { $exists: true } } } },
      { projection: { "variants.sku": 1, "variants.kit": 1 } },
    )
    .toArray();
  const kits = owners.flatMap(({ variants }) => variants.filter((variant) => variant.kit !== undefined));
  return new Set(kits.map(({ sku }) => sku).filter((sku) => wanted.has(sku)));
}

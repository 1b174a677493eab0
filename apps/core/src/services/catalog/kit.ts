import type { FieldError } from "@stoa/kernel";
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

interface KitsChange {
  readonly before: Pick<ProductDocument, "_id" | "variants"> | null;
  readonly after: Pick<ProductContent, "variants">;
}

/**
 * For each product, what is wrong with its kits: parts that are unknown (`reference_not_found`) or kits themselves, and SKUs that become a
 * kit or cease to be one, which would leave stock behind that nobody can sell. Two queries at most, none where nothing is a kit.
 */
export async function kitErrors(catalog: CatalogDatabase, changes: readonly KitsChange[]): Promise<FieldError[][]> {
  const arriving = changes.flatMap(({ after }) => after.variants);
  const kits = arriving.filter((variant) => variant.kit !== undefined);
  if (kits.length === 0) return changes.map(turnedErrors);
  const [known, users] = await Promise.all([partsIn(catalog, kits), usersOf(catalog, kits)]);
  const parts = new Map([...known, ...arriving.map((variant) => [variant.sku, variant] as const)]);
  return changes.map((change) => {
    const isPart = (sku: string) => users.some(({ _id, skus }) => _id !== change.before?._id && skus.has(sku));
    return [...turnedErrors(change), ...partErrors(change, parts, isPart)];
  });
}

function turnedErrors({ before, after }: KitsChange): FieldError[] {
  const was = new Map(before?.variants.map((variant) => [variant.sku, variant]));
  return after.variants.flatMap(({ sku, kit }, index) => {
    const known = was.get(sku);
    const isTurned = known !== undefined && (known.kit === undefined) !== (kit === undefined);
    return isTurned
      ? [{ path: `variants.${index}.kit`, message: "a SKU stays a kit, or none, for good; take a new SKU" }]
      : [];
  });
}

function partErrors(
  { after }: KitsChange,
  parts: ReadonlyMap<string, Pick<Variant, "kit">>,
  isPart: (sku: string) => boolean,
): FieldError[] {
  return after.variants.flatMap(({ sku, kit = [] }, index) => {
    const path = `variants.${index}.kit`;
    const twice = kit.length > new Set(kit.map((part) => part.sku)).size;
    return [
      ...(twice ? [{ path, message: "a part stands here twice" }] : []),
      ...(kit.length > 0 && isPart(sku) ? [{ path, message: `${sku} is a part of another kit` }] : []),
      ...kit.flatMap((part, place) => {
        const at = `${path}.${place}.sku`;
        const found = parts.get(part.sku);
        if (!found) return [{ path: at, message: "unknown SKU", code: "reference_not_found" }];
        return found.kit ? [{ path: at, message: "a kit is no part of a kit" }] : [];
      }),
    ];
  });
}

/** A variant that kits are made of, with what of its product they need to know. */
export type Part = Variant & Pick<ProductDocument, "title" | "listPrices">;

/** The variants that kits are made of, by SKU, whatever the state of their products. */
export async function partsIn(
  { products }: CatalogDatabase,
  kits: readonly Pick<Variant, "kit">[],
): Promise<Map<string, Part>> {
  const skus = new Set(kits.flatMap(({ kit = [] }) => kit.map((part) => part.sku)));
  if (skus.size === 0) return new Map();
  const owners = await products
    .find<Pick<ProductDocument, "title" | "variants" | "listPrices">>(
      { "variants.sku": { $in: [...skus] } },
      { projection: { title: 1, variants: 1, listPrices: 1 } },
    )
    .toArray();
  return new Map(
    owners.flatMap(({ title, variants, listPrices = [] }) =>
      variants
        .filter(({ sku }) => skus.has(sku))
        .map((variant) => [variant.sku, { ...variant, title, listPrices }] as const),
    ),
  );
}

/** Products of whose kits these are parts, with the SKUs of all their parts. */
async function usersOf({ products }: CatalogDatabase, kits: readonly Variant[]) {
  const skus = kits.map((kit) => kit.sku);
  const users = await products
    .find({ "variants.kit.sku": { $in: skus } }, { projection: { "variants.kit": 1 } })
    .toArray();
  return users.map(({ _id, variants }) => {
    return { _id, skus: new Set(variants.flatMap(({ kit = [] }) => kit.map((part) => part.sku))) };
  });
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

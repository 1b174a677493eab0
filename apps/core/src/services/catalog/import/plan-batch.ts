import type { ProductDocument } from "../documents.ts";
import type { BatchDeps } from "./batch.ts";
import type { ImportedProduct } from "./imported-product.ts";
import { importHash, type ResolvedProduct } from "./plan.ts";

type PlanDeps = Pick<BatchDeps, "context" | "media" | "bad" | "warn">;

type Known = Pick<ProductDocument, "_id" | "importKey" | "importHash" | "variants" | "media">;

export interface Planned {
  readonly resolved: ResolvedProduct;
  readonly hash: string;
  readonly existing: Known | null;
}

/** Finds what is there already and brings the images in. */
export async function planBatch(deps: PlanDeps, products: readonly ImportedProduct[]): Promise<Planned[]> {
  const known = await knownProducts(deps, products);
  const planned = await Promise.all(
    products.map(async (product): Promise<Planned | null> => {
      const matches = known.matching(product);
      if (matches.length > 1) {
        deps.bad(product, "its SKUs belong to several products of the shop");
        return null;
      }
      const existing = matches[0] ?? null;
      const resolved = { product, imageUrls: await imageUrls(deps, product, existing) };
      return { resolved, hash: importHash(resolved), existing };
    }),
  );
  return planned.filter((plan) => plan !== null);
}

async function knownProducts({ context }: PlanDeps, products: readonly ImportedProduct[]) {
  const projection = { importKey: 1, importHash: 1, "variants.sku": 1, "variants.image": 1, media: 1 } as const;
  const skus = products.flatMap((product) => product.variants.map((variant) => variant.sku));
  const importKeys = products.map((product) => product.key);
  const [byKey, bySku] = await Promise.all([
    context.catalog.products.find<Known>({ importKey: { $in: importKeys } }, { projection }).toArray(),
    context.catalog.products.find<Known>({ "variants.sku": { $in: skus } }, { projection }).toArray(),
  ]);
  const owners = new Map(bySku.flatMap((found) => found.variants.map((variant) => [variant.sku, found] as const)));
  const keys = new Map(byKey.map((found) => [found.importKey, found]));
  return {
    matching(product: ImportedProduct): Known[] {
      const owned = product.variants.flatMap((variant) => owners.get(variant.sku) ?? []);
      const all = [...(keys.has(product.key) ? [keys.get(product.key)] : []), ...owned];
      return [...new Map(all.flatMap((found) => (found ? [[found._id, found] as const] : []))).values()];
    },
  };
}

/** Where each picture lies that the file names. What the product shows already is there, whatever it is called. */
async function imageUrls(
  deps: PlanDeps,
  product: ImportedProduct,
  existing: Known | null,
): Promise<Map<string, string>> {
  const references = [...(product.images ?? []), ...product.variants.flatMap((variant) => variant.image ?? [])];
  const shown = new Set(
    [...(existing?.media ?? []), ...(existing?.variants.flatMap(({ image }) => image ?? []) ?? [])].map(
      ({ url }) => url,
    ),
  );
  const urls = new Map<string, string>();
  for (const reference of new Set(references)) {
    const outcome = shown.has(reference)
      ? { kind: "ok" as const, url: reference }
      : await deps.media.resolve(reference);
    if (outcome.kind === "ok") urls.set(reference, outcome.url);
    else deps.warn(product, outcome.message);
  }
  return urls;
}

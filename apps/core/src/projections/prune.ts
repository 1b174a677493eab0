import { isId, type ProductId } from "@stoa/kernel";
import { keys } from "@stoa/read-models";
import { z } from "zod";
import { offeredUntil } from "../services/catalog/index.ts";
import { treeKeys } from "./categories.ts";
import type { ProductBase } from "./product-base.ts";
import { plainTexts, storedBases, viewKeys } from "./product-keys.ts";
import { type ProjectorDeps, projectSound } from "./product-projector.ts";

const identified = z.object({ id: z.string() });

/**
 * Takes away every key that belongs to no published product, or to one that has it no longer. A key is judged by its product's
 * base; a product without one is asked for in MongoDB first, because it may have come a moment ago.
 * Answers how many keys went.
 */
export async function prune(deps: ProjectorDeps): Promise<number> {
  const { store } = deps;
  let removed = 0;
  for (const prefix of [prefixOf(keys.product("USD", "")), prefixOf(keys.summary("USD", ""))]) {
    for await (const found of store.keysWithPrefix(prefix)) removed += await pruneViews(deps, found);
  }
  for await (const found of store.keysWithPrefix(prefixBefore(keys.texts("", "")))) {
    removed += await pruneTexts(deps, found);
  }
  removed += await pruneTrees(deps);
  for await (const found of store.keysWithPrefix(keys.skuOwner(""))) removed += await pruneSkuOwners(deps, found);
  for await (const found of store.keysWithPrefix(keys.formerSlug(""))) removed += await pruneFormerSlugs(deps, found);
  for (const kind of ["similar", "bought-together"] as const) {
    const prefix = keys.recommendations(kind, "");
    for await (const found of store.keysWithPrefix(prefix)) removed += await pruneRecommendations(deps, prefix, found);
  }
  return removed;
}

/** A key without the two empty parts at its end, but for the colon before them. */
function prefixBefore(key: string): string {
  return key.slice(0, -1);
}

/** The part of a key before its currency. */
function prefixOf(key: string): string {
  return key.slice(0, key.lastIndexOf("USD:"));
}

async function pruneViews(deps: ProjectorDeps, found: readonly string[]): Promise<number> {
  const { store } = deps;
  const envelopes = await store.envelopes(found);
  const owners = envelopes.map((envelope) => {
    const body = envelope && identified.safeParse(JSON.parse(envelope.body));
    return body?.success ? body.data.id : null;
  });
  const bases = await livingBases(deps, owners);
  const doomed = found.flatMap((key, index) => {
    const base = bases.get(owners[index] ?? "");
    if (base && viewKeys(base).includes(key)) return [];
    return [{ key, major: envelopes[index]?.version.major ?? 0 }];
  });
  return countAndTell(deps, doomed, await store.deleteUnlessNewer(doomed));
}

async function pruneTexts(deps: ProjectorDeps, found: readonly string[]): Promise<number> {
  const envelopes = await deps.store.envelopes(found);
  const owners = found.map((key) => key.slice(key.lastIndexOf(":") + 1));
  const bases = await livingBases(deps, owners);
  const doomed = found.flatMap((key, index) => {
    const base = bases.get(owners[index] ?? "");
    if (base && viewKeys(base).includes(key)) return [];
    return [{ key, major: envelopes[index]?.version.major ?? 0 }];
  });
  return countAndTell(deps, doomed, await deps.store.deleteUnlessNewer(doomed));
}

/** Trees in languages that the shop no longer has, or of channels that are closed. */
async function pruneTrees(deps: ProjectorDeps): Promise<number> {
  const { view } = await deps.shop();
  const kept = new Set(treeKeys(view));
  let removed = 0;
  for (const prefix of [keys.categoriesIn(""), keys.categoriesOf("", "").slice(0, -1)]) {
    for await (const found of deps.store.keysWithPrefix(prefix)) {
      const doomed = found.filter((key) => !kept.has(key)).map((key) => ({ key }));
      removed += await countAndTell(deps, doomed, await deps.store.remove(doomed.map(({ key }) => key)));
    }
  }
  return removed;
}

async function pruneSkuOwners(deps: ProjectorDeps, found: readonly string[]): Promise<number> {
  const owners = await deps.store.texts(found);
  const bases = await livingBases(deps, owners);
  const doomed = found.flatMap((key, index) => {
    const owner = owners[index] ?? "";
    const base = bases.get(owner);
    return base && plainTexts(base).some((text) => text.key === key) ? [] : [{ key, text: owner }];
  });
  return countAndTell(deps, doomed, await deps.store.deleteIfEqual(doomed));
}

async function pruneFormerSlugs(deps: ProjectorDeps, found: readonly string[]): Promise<number> {
  const targets = await deps.store.texts(found);
  const slugs = found.map((key) => key.slice(keys.formerSlug("").length));
  const products = await deps.source.productsBySlug(slugs);
  const present = new Map(
    products
      .filter((product) => offeredUntil(product) !== undefined)
      .flatMap((product) => product.slugs.map((slug) => [slug, product.slug] as const)),
  );
  const doomed = found.flatMap((key, index) => {
    const [slug = "", target = ""] = [slugs[index], targets[index] ?? ""];
    return present.get(slug) === target && slug !== target ? [] : [{ key, text: target }];
  });
  return countAndTell(deps, doomed, await deps.store.deleteIfEqual(doomed));
}

async function pruneRecommendations(deps: ProjectorDeps, prefix: string, found: readonly string[]): Promise<number> {
  const owners = found.map((key) => key.slice(prefix.length));
  const [bases, texts] = await Promise.all([livingBases(deps, owners), deps.store.texts(found)]);
  const doomed = found.flatMap((key, index) =>
    bases.has(owners[index] ?? "") ? [] : [{ key, text: texts[index] ?? "" }],
  );
  return countAndTell(deps, doomed, await deps.store.deleteIfEqual(doomed));
}

/** Bases of the products that are in the shop now, by id; those that Redis lacks are projected first. */
async function livingBases(
  deps: ProjectorDeps,
  owners: readonly (string | null)[],
): Promise<ReadonlyMap<string, ProductBase>> {
  const ids = [...new Set(owners.filter((owner) => isId("prod", owner)))];
  const known = await storedBases(deps.store, ids);
  const missing: ProductId[] = ids.filter((_, index) => known[index]?.base === null);
  if (missing.length > 0) {
    const products = await deps.source.productsById(missing);
    if (products.length > 0) await projectSound(deps, products, "repair");
  }
  const bases = missing.length > 0 ? await storedBases(deps.store, ids) : known;
  return new Map(bases.flatMap(({ id, base }) => (base ? [[id, base] as const] : [])));
}

async function countAndTell(
  deps: ProjectorDeps,
  doomed: readonly { readonly key: string }[],
  removed: readonly boolean[],
): Promise<number> {
  const gone = doomed.filter((_, index) => removed[index]).map(({ key }) => key);
  await deps.store.invalidate(gone);
  return gone.length;
}

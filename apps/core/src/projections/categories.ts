import type { CategoryId } from "@stoa/kernel";
import { type CategoryView, keys } from "@stoa/read-models";
import { type CategoryCount, type CategoryTree, categoryTree, pathTo, textIn } from "../services/catalog/index.ts";
import { ownKeys } from "./own-keys.ts";
import type { ProjectorDeps } from "./product-projector.ts";

/** Nobody nests shops deeper; keeps a broken tree from filling the stack. */
const DEPTH_MAX = 20;

/**
 * Writes the category tree with its counts. Its version is a ticket drawn before anything is read: whoever draws a later one has
 * read later, so the highest ticket has seen every change made before it was drawn.
 */
export async function projectCategories(deps: ProjectorDeps): Promise<void> {
  const ticket = await deps.store.redis.incr(ownKeys.categoryTicket);
  const dirty = await deps.source.dirtyCategories();
  const body = await renderTree(deps);
  const entry = { key: keys.categories(), version: { major: ticket, minor: 0 }, body };
  const [old] = await deps.store.envelopes([entry.key]);
  const [written] = await deps.store.setIfNewer([entry]);
  if (written && old?.body !== body) await deps.store.invalidate([entry.key]);
  await deps.source.settleCategories(dirty);
}

/** For a rebuild: writes the tree only when Redis shows another one. */
export async function repairCategories(deps: ProjectorDeps): Promise<void> {
  const [[old], body] = await Promise.all([deps.store.envelopes([keys.categories()]), renderTree(deps)]);
  if (old?.body === body) return;
  const { redis } = deps.store;
  const drawn = Number((await redis.get(ownKeys.categoryTicket)) ?? 0);
  // The counter can be lost without the tree; it then has to start beyond the tree, or nothing would ever replace it.
  if (old && old.version.major > drawn) await redis.incrby(ownKeys.categoryTicket, old.version.major - drawn);
  await projectCategories(deps);
}

async function renderTree({ source, locale }: ProjectorDeps): Promise<string> {
  const [categories, counts, language] = await Promise.all([
    source.categories(),
    source.publishedByCategory(),
    locale(),
  ]);
  const tree = categoryTree(categories);
  return JSON.stringify({ items: categoryViews(tree, countsOf(tree, counts), language) });
}

/** Published products in each category or below it; one that stands in two of a branch counts once. */
export function countsOf(tree: CategoryTree, groups: readonly CategoryCount[]): ReadonlyMap<CategoryId, number> {
  const counts = new Map<CategoryId, number>();
  for (const { categoryIds, products } of groups) {
    const touched = new Set(categoryIds.flatMap((id) => pathTo(tree, id).map((node) => node._id)));
    for (const id of touched) counts.set(id, (counts.get(id) ?? 0) + products);
  }
  return counts;
}

export function categoryViews(
  tree: CategoryTree,
  counts: ReadonlyMap<CategoryId, number>,
  locale: string,
): CategoryView[] {
  const below = (parentId: CategoryId | null, depth: number): CategoryView[] =>
    depth > DEPTH_MAX
      ? []
      : (tree.childrenOf.get(parentId) ?? []).map((node) => ({
          id: node._id,
          slug: node.slug,
          name: textIn(node.name, locale),
          productCount: counts.get(node._id) ?? 0,
          children: below(node._id, depth + 1),
        }));
  return below(null, 1);
}

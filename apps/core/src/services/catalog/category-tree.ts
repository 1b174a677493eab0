import { type CategoryId, textIn } from "@stoa/kernel";
import type { CategoryDocument } from "./category-document.ts";

/** What the tree needs of a category. */
export type CategoryNode = Pick<
  CategoryDocument,
  "_id" | "parentId" | "slug" | "slugs" | "name" | "position" | "goneAt" | "mergedInto"
>;

/**
 * The category tree, indexed both ways. A loop, which two moves at once could make, is cut: its oldest category stands at the root then,
 * so that neither it nor what is below it is lost from sight.
 * The id of a category that was merged into another leads to that one, so that nothing has to wait until all who name it are rewritten.
 */
export interface CategoryTree {
  readonly byId: ReadonlyMap<CategoryId, CategoryNode>;
  readonly childrenOf: ReadonlyMap<CategoryId | null, readonly CategoryNode[]>;
}

export function categoryTree(categories: readonly CategoryNode[]): CategoryTree {
  const byId = livingById(categories);
  const childrenOf = new Map<CategoryId | null, CategoryNode[]>();
  const sorted = categories
    .flatMap((category) => (category.goneAt === undefined ? (byId.get(category._id) ?? []) : []))
    .sort((left, right) => left.position - right.position || (left.slug < right.slug ? -1 : 1));
  for (const category of sorted) {
    const parentId = (category.parentId !== null && byId.get(category.parentId)?._id) || null;
    const siblings = childrenOf.get(parentId);
    if (siblings) siblings.push(category);
    else childrenOf.set(parentId, [category]);
  }
  return { byId, childrenOf };
}

/** Every slug that was given up → the present slug of the category that it leads to. A slug in use leads nowhere else. */
export function formerSlugs(categories: readonly CategoryNode[]): ReadonlyMap<string, string> {
  const byId = livingById(categories);
  const former = new Map<string, string>();
  for (const category of categories) {
    const present = byId.get(category._id);
    if (!present) continue;
    for (const slug of category.slugs ?? [category.slug]) if (slug !== present.slug) former.set(slug, present.slug);
  }
  return former;
}

/** Categories in use by their ids, and by the ids of all that were merged into them. */
function livingById(categories: readonly CategoryNode[]): Map<CategoryId, CategoryNode> {
  const all = new Map(categories.map((category) => [category._id, category]));
  const living = new Map<CategoryId, CategoryNode>();
  for (const category of categories) {
    const seen = new Set<CategoryId>();
    let next: CategoryNode | undefined = category;
    // Two merges at once could point at each other; both are gone then.
    while (next?.goneAt !== undefined && !seen.has(next._id)) {
      seen.add(next._id);
      next = next.mergedInto ? all.get(next.mergedInto) : undefined;
    }
    if (next && next.goneAt === undefined) living.set(category._id, next);
  }
  return withoutLoops(living);
}

function withoutLoops(living: ReadonlyMap<CategoryId, CategoryNode>): Map<CategoryId, CategoryNode> {
  const heads = new Set([...living.values()].filter((node) => leadsLoop(living, node)));
  return new Map([...living].map(([id, node]) => [id, heads.has(node) ? { ...node, parentId: null } : node]));
}

/** Whether a category stands below itself and is the oldest of those that do so together: ids grow with time. */
function leadsLoop(living: ReadonlyMap<CategoryId, CategoryNode>, node: CategoryNode): boolean {
  const above = ({ parentId }: CategoryNode) => (parentId === null ? undefined : living.get(parentId));
  const seen = new Set<CategoryNode>();
  let next = above(node);
  while (next && next !== node && !seen.has(next)) {
    seen.add(next);
    next = above(next);
  }
  return next === node && [...seen].every((other) => node._id < other._id);
}

/** From the root down to the category itself; empty when it is unknown. */
export function pathTo(tree: CategoryTree, id: CategoryId): CategoryNode[] {
  const path: CategoryNode[] = [];
  const seen = new Set<CategoryId>();
  let node = tree.byId.get(id);
  while (node && !seen.has(node._id)) {
    seen.add(node._id);
    path.unshift(node);
    node = node.parentId === null ? undefined : tree.byId.get(node.parentId);
  }
  return path;
}

/** Names from the root down, in the first language of each. */
export function namesOnPath(tree: CategoryTree, id: CategoryId): string[] {
  return pathTo(tree, id).map(({ name }) => textIn(name));
}

/** The category and everything below it. */
export function subtree(tree: CategoryTree, id: CategoryId): CategoryId[] {
  const found = new Set<CategoryId>([id]);
  for (const current of found) {
    for (const child of tree.childrenOf.get(current) ?? []) found.add(child._id);
  }
  return [...found];
}

/** Whether a category would stand below itself if it moved under `parentId`. */
export function wouldLoop(tree: CategoryTree, id: CategoryId, parentId: CategoryId | null): boolean {
  return parentId !== null && subtree(tree, id).includes(parentId);
}

import type { CategoryId } from "@stoa/kernel";
import type { CategoryDocument } from "./documents.ts";

/** What the tree needs of a category. */
export type CategoryNode = Pick<CategoryDocument, "_id" | "parentId" | "slug" | "name" | "position">;

/** The category tree, indexed both ways. A loop, which two moves at once could make, is cut instead of followed. */
export interface CategoryTree {
  readonly byId: ReadonlyMap<CategoryId, CategoryNode>;
  readonly childrenOf: ReadonlyMap<CategoryId | null, readonly CategoryNode[]>;
}

export function categoryTree(categories: readonly CategoryNode[]): CategoryTree {
  const byId = new Map(categories.map((category) => [category._id, category]));
  const childrenOf = new Map<CategoryId | null, CategoryNode[]>();
  const sorted = [...categories].sort(
    (left, right) => left.position - right.position || (left.slug < right.slug ? -1 : 1),
  );
  for (const category of sorted) {
    const parentId = category.parentId !== null && byId.has(category.parentId) ? category.parentId : null;
    const siblings = childrenOf.get(parentId);
    if (siblings) siblings.push(category);
    else childrenOf.set(parentId, [category]);
  }
  return { byId, childrenOf };
}

/** From the root down to the category itself; empty when it is unknown. */
export function pathTo(tree: CategoryTree, id: CategoryId): CategoryNode[] {
  const path: CategoryNode[] = [];
  const seen = new Set<CategoryId>();
  let next: CategoryId | null = id;
  while (next !== null && !seen.has(next)) {
    seen.add(next);
    const node = tree.byId.get(next);
    if (!node) break;
    path.unshift(node);
    next = node.parentId;
  }
  return path;
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

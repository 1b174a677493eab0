import { type CategoryId, newId } from "@stoa/kernel";
import { CATEGORIES_MAX, type CategoryDocument } from "../category-document.ts";
import { categoryTree, formerSlugs, namesOnPath } from "../category-tree.ts";
import type { CatalogContext } from "../context.ts";
import { allCategories, violatedIndex } from "../database.ts";
import { slugify } from "../slug.ts";
import type { ImportedCategory } from "./imported-product.ts";

/** Finds categories by the names on their path, and makes those that are missing. */
export class CategoryPaths {
  created = 0;
  #byPath = new Map<string, CategoryId>();
  #slugs = new Set<string>();
  /** Present slugs, and those that lead to a category. */
  #bySlug = new Map<string, CategoryId>();
  #count = 0;

  constructor(readonly options: { readonly locale: string; readonly dryRun: boolean }) {}

  async load(context: CatalogContext): Promise<void> {
    const categories = await allCategories(context.catalog);
    const tree = categoryTree(categories);
    const living = categories.filter((category) => category.goneAt === undefined);
    this.#byPath = new Map(living.map(({ _id }) => [pathKey(namesOnPath(tree, _id)), _id]));
    this.#slugs = new Set(categories.flatMap((category) => category.slugs ?? [category.slug]));
    const present = new Map(living.map(({ slug, _id }) => [slug, _id]));
    this.#bySlug = present;
    for (const [slug, to] of formerSlugs(categories)) {
      const id = present.get(to);
      if (id) this.#bySlug.set(slug, id);
    }
    this.#count = categories.length;
  }

  /** Each of these categories once: by its slug, else by its path, which is made where it is missing. Unknown slugs without a path are told. */
  async resolve(
    context: CatalogContext,
    categories: readonly ImportedCategory[],
    unknown: (slug: string) => void,
  ): Promise<CategoryId[]> {
    const ids = new Set<CategoryId>();
    for (const { slug, path } of categories) {
      const known = slug === null ? undefined : this.#bySlug.get(slug);
      if (known) ids.add(known);
      else if (path.length > 0) ids.add(await this.ensure(context, path));
      else unknown(slug ?? "");
    }
    return [...ids];
  }

  /** The category at the end of a path. @throws RangeError when the shop would have too many. */
  async ensure(context: CatalogContext, path: readonly string[]): Promise<CategoryId> {
    let parentId: CategoryId | null = null;
    for (let depth = 1; depth <= path.length; depth += 1) {
      parentId = await this.#ensureOne(context, path.slice(0, depth), parentId);
    }
    if (parentId === null) throw new RangeError("an empty path leads to no category");
    return parentId;
  }

  async #ensureOne(context: CatalogContext, path: readonly string[], parentId: CategoryId | null): Promise<CategoryId> {
    const known = this.#byPath.get(pathKey(path));
    if (known) return known;
    if (this.#count >= CATEGORIES_MAX) throw new RangeError(`more than ${CATEGORIES_MAX} categories`);
    const { now } = context;
    const category: CategoryDocument = {
      _id: newId("cat"),
      parentId,
      ...this.#freeSlug(path),
      name: { [this.options.locale]: path.at(-1) ?? "" },
      position: this.#count,
      revision: 1,
      dirty: true,
      createdAt: now,
      updatedAt: now,
    };
    const isMade = this.options.dryRun || (await this.#insert(context, category));
    if (!isMade) return this.#ensureOne(context, path, parentId);
    this.#byPath.set(pathKey(path), category._id);
    this.#slugs.add(category.slug);
    this.#bySlug.set(category.slug, category._id);
    this.#count += 1;
    this.created += 1;
    return category._id;
  }

  /** Answers false where somebody has just made it, or taken its slug; what there is by now is known then. */
  async #insert(context: CatalogContext, category: CategoryDocument): Promise<boolean> {
    try {
      await context.catalog.categories.insertOne(category);
      context.changed({ products: [], categories: true });
      return true;
    } catch (error) {
      if (violatedIndex(error) === null) throw error;
      await this.load(context);
      return false;
    }
  }

  #freeSlug(path: readonly string[]): { readonly slug: string; readonly slugs: readonly string[] } {
    const base = path.map(slugify).filter(Boolean).join("-").slice(0, 110).replace(/-+$/, "") || "category";
    let slug = base;
    for (let number = 2; this.#slugs.has(slug); number += 1) slug = `${base}-${number}`;
    return { slug, slugs: [slug] };
  }
}

function pathKey(path: readonly string[]): string {
  return JSON.stringify(path.map((name) => name.trim().toLowerCase()));
}

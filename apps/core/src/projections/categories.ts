import { type CategoryId, DEFAULT_CHANNEL, isId, textIn } from "@stoa/kernel";
import { type CategoryView, keys, type ShopView } from "@stoa/read-models";
import {
  type CatalogFields,
  type CatalogSource,
  type CategoryCount,
  type CategoryDocument,
  type CategoryTree,
  categoryTree,
  formerSlugs,
  pathTo,
} from "../services/catalog/index.ts";
import { attributeViews } from "./attributes.ts";
import { customFieldViews, fieldViews, shownFields } from "./custom-fields.ts";
import { setMark } from "./marks.ts";
import { ownKeys } from "./own-keys.ts";
import type { ProjectorDeps } from "./product-projector.ts";

/** Nobody nests shops deeper; keeps a broken tree from filling the stack. */
const DEPTH_MAX = 20;

/**
 * Writes the category tree with its counts and whatever else shoppers find their way by. Its version is a ticket drawn before anything is read: whoever draws a later one has
 * read later, so the highest ticket has seen every change made before it was drawn.
 */
export async function projectCategories(deps: ProjectorDeps): Promise<void> {
  const ticket = await deps.store.redis.incr(ownKeys.categoryTicket);
  const [dirty, dirtyTypes] = await Promise.all([deps.source.dirtyCategories(), deps.source.dirtyTypes()]);
  if (dirty.length > 0) await deps.source.finishRemovals();
  const bodies = await render(deps);
  const entries = bodies.map(({ key, body }) => ({ key, version: { major: ticket, minor: 0 }, body }));
  const old = await deps.store.envelopes(entries.map((entry) => entry.key));
  const written = await deps.store.setIfNewer(entries);
  const changed = entries.filter((entry, index) => written[index] && old[index]?.body !== entry.body);
  await deps.store.invalidate(changed.map((entry) => entry.key));
  if (dirty.length > 0) await setMark(deps.store.redis, ownKeys.sitemapStale);
  await deps.source.settleCategories(dirty);
  await deps.source.settleTypes(dirtyTypes);
}

/** For a rebuild: writes the tree and its former slugs only when Redis shows others. */
export async function repairCategories(deps: ProjectorDeps): Promise<void> {
  const bodies = await render(deps);
  const old = await deps.store.envelopes(bodies.map(({ key }) => key));
  if (bodies.every(({ body }, index) => old[index]?.body === body)) return;
  const { redis } = deps.store;
  const drawn = Number((await redis.get(ownKeys.categoryTicket)) ?? 0);
  const newest = Math.max(0, ...old.map((envelope) => envelope?.version.major ?? 0));
  // The counter can be lost without the tree; it then has to start beyond the tree, or nothing would ever replace it.
  if (newest > drawn) await redis.incrby(ownKeys.categoryTicket, newest - drawn);
  await projectCategories(deps);
}

/** The tree as it is answered, where slugs that were given up lead, and what the product types say of attributes. */
async function render({ source, shop, fields: readFields }: ProjectorDeps): Promise<{ key: string; body: string }[]> {
  const [categories, types, { view }, fields] = await Promise.all([
    source.categories(),
    source.productTypes(),
    shop(),
    readFields(),
  ]);
  const tree = categoryTree(categories);
  const open = [DEFAULT_CHANNEL, ...openChannels(view).map(({ code }) => code)];
  const counts = new Map(
    await Promise.all(
      open.map(async (code) => [code, countsOf(tree, await source.publishedByCategory(code))] as const),
    ),
  );
  const slugs = await productSlugs(source, categories, fields);
  const told = new Map(
    categories.map((one) => [one._id, shownFields(one.customFields, fields.category, { tree, slugs })]),
  );
  const treeOf = (channel: string, locales: readonly string[]) =>
    JSON.stringify({ items: categoryViews(tree, { counts: counts.get(channel) ?? new Map(), told, locales }) });
  return [
    ...treesOf(view).map(({ key, channel, locales }) => ({ key, body: treeOf(channel, locales) })),
    { key: keys.formerCategories(), body: JSON.stringify(Object.fromEntries([...formerSlugs(categories)].sort())) },
    { key: keys.attributes(), body: JSON.stringify([...attributeViews(types), ...fieldViews(fields)]) },
    { key: keys.customFields(), body: JSON.stringify(customFieldViews(Object.values(fields).flat())) },
  ];
}

/** Every tree that is written: of each channel, in each of its languages. */
function treesOf(view: ShopView) {
  const own = { channel: DEFAULT_CHANNEL };
  return [
    { ...own, key: keys.categories(), locales: [view.locale] },
    ...view.locales.map(({ code, fallbacks }) => {
      return { ...own, key: keys.categoriesIn(code), locales: [code, ...fallbacks, view.locale] };
    }),
    ...openChannels(view).flatMap(({ code: channel, locale, locales }) =>
      [{ code: locale, fallbacks: [] as string[] }, ...locales].map(({ code, fallbacks }) => {
        return { channel, key: keys.categoriesOf(channel, code), locales: [code, ...fallbacks, view.locale] };
      }),
    ),
  ];
}

export function treeKeys(view: ShopView): string[] {
  return treesOf(view).map(({ key }) => key);
}

function openChannels({ channels }: ShopView) {
  return channels.filter(({ isActive }) => isActive);
}

/** Slugs of the products that fields of categories lead to. */
async function productSlugs(
  source: CatalogSource,
  categories: readonly CategoryDocument[],
  fields: CatalogFields,
): Promise<ReadonlyMap<string, string>> {
  const leading = fields.category.flatMap((field) =>
    field.kind === "reference" && field.to === "product" ? field.key : [],
  );
  const values = categories.flatMap(({ customFields = {} }) =>
    leading.flatMap((key) => customFields[key] ?? []).flat(),
  );
  return source.slugsById(values.filter((value) => isId("prod", value)));
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

export interface CategoryFacts {
  readonly counts: ReadonlyMap<CategoryId, number>;
  /** What the shop's own fields say of each. */
  readonly told?: ReadonlyMap<CategoryId, Pick<CategoryView, "customFields">>;
  readonly locales: readonly string[];
}

export function categoryViews(tree: CategoryTree, { counts, told, locales }: CategoryFacts): CategoryView[] {
  const below = (parentId: CategoryId | null, depth: number): CategoryView[] =>
    depth > DEPTH_MAX
      ? []
      : (tree.childrenOf.get(parentId) ?? []).map((node) => ({
          id: node._id,
          slug: node.slug,
          name: textIn(node.name, ...locales),
          productCount: counts.get(node._id) ?? 0,
          ...told?.get(node._id),
          children: below(node._id, depth + 1),
        }));
  return below(null, 1);
}

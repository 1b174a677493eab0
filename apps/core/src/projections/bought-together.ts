import { byCount, type SalesTally } from "./tally.ts";

export const TOGETHER_MAX = 20;
/** As many orders of the category speak as loud as one's own. */
const CATEGORY_PRIOR = 15;
/** As many orders of the whole shop speak as loud as those of the category. */
const SHOP_PRIOR = 20;
const CATEGORY_PARTNERS_MAX = 60;
const BESTSELLERS_MAX = 30;
/** With fewer orders than this, of the product and its category, what is alike says more than what was bought. */
const ORDERS_MIN = 3;

export interface TogetherParts {
  readonly tally: SalesTally;
  /** Category by product id, of every product that is in the shop. */
  readonly categories: ReadonlyMap<string, string>;
  /** What is alike, by product id. */
  readonly similar: ReadonlyMap<string, readonly string[]>;
  /** Ids that sell best, best first. */
  readonly bestsellers: readonly string[];
}

/**
 * What will most likely be in the same basket, for each product of the shop. The chance is taken from the product's own orders, and
 * as far as these are few from those of its category, and in turn of the whole shop (Dirichlet smoothing): one order by accident
 * proves nothing, and a new product is shown what goes with its kind.
 */
export function* boughtTogether(parts: TogetherParts): Generator<readonly [id: string, ids: string[]]> {
  const { tally, categories, similar, bestsellers } = parts;
  const kinds = categoryTallies(tally, categories);
  const popular = bestsellers.slice(0, BESTSELLERS_MAX);
  for (const [id, category] of categories) {
    const kind = kinds.get(category) ?? { orders: 0, partners: new Map<string, number>(), leading: [] };
    const alike = similar.get(id) ?? [];
    const likely = likelyPartners({ id, tally, kind, popular, categories });
    const isThin = kind.orders < ORDERS_MIN;
    const ordered = isThin ? [...alike, ...likely] : [...likely, ...alike];
    const others = [...new Set(ordered)].filter((other) => other !== id && categories.has(other));
    yield [id, others.slice(0, TOGETHER_MAX)];
  }
}

/** What the products of a category were bought with. */
interface CategoryTally {
  readonly orders: number;
  readonly partners: ReadonlyMap<string, number>;
  /** The partners bought most. */
  readonly leading: readonly string[];
}

function categoryTallies(
  { orders, together }: SalesTally,
  categories: ReadonlyMap<string, string>,
): ReadonlyMap<string, CategoryTally> {
  const sums = new Map<string, { orders: number; partners: Map<string, number> }>();
  for (const [id, count] of orders) {
    const category = categories.get(id);
    if (category === undefined) continue;
    const sum = sums.get(category) ?? { orders: 0, partners: new Map<string, number>() };
    sums.set(category, sum);
    sum.orders += count;
    for (const [other, weight] of together.get(id) ?? []) {
      sum.partners.set(other, (sum.partners.get(other) ?? 0) + weight);
    }
  }
  return new Map(
    [...sums].map(([category, sum]) => [
      category,
      { ...sum, leading: byCount(sum.partners).slice(0, CATEGORY_PARTNERS_MAX) },
    ]),
  );
}

interface Question {
  readonly id: string;
  readonly tally: SalesTally;
  readonly kind: CategoryTally;
  readonly popular: readonly string[];
  readonly categories: ReadonlyMap<string, string>;
}

function likelyPartners({ id, tally, kind, popular, categories }: Question): string[] {
  const own = tally.together.get(id) ?? new Map<string, number>();
  const ownOrders = tally.orders.get(id) ?? 0;
  const candidates = new Set([...own.keys(), ...kind.leading, ...popular]);
  const chances = [...candidates].flatMap((other): [string, number][] => {
    if (other === id || !categories.has(other)) return [];
    const pairs = own.get(other) ?? 0;
    const inShop = (tally.orders.get(other) ?? 0) / Math.max(1, tally.total);
    // The product's own orders are taken out of its category's, or they would speak twice.
    const byOthers = Math.max(0, (kind.partners.get(other) ?? 0) - pairs) + SHOP_PRIOR * inShop;
    const inKind = byOthers / (Math.max(0, kind.orders - ownOrders) + SHOP_PRIOR);
    return [[other, (pairs + CATEGORY_PRIOR * inKind) / (ownOrders + CATEGORY_PRIOR)]];
  });
  return byCount(chances);
}

/** What similarity looks at; token numbers stand for attribute values. */
export interface Features {
  readonly id: string;
  readonly leafCategory: string;
  readonly brand: string | null;
  /** Lowest price, minor units. */
  readonly price: number;
  readonly tokens: readonly string[];
}

export const SIMILAR_MAX = 20;
/** Within a large category a product is compared with its neighbours in brand and price only. */
const NEIGHBOURS_MAX = 200;
/** Products whose lists are worked out at once: some milliseconds. */
const YIELDED_AT_ONCE = 100;
const BRAND_WEIGHT = 0.3;
const PRICE_WEIGHT = 0.5;

/**
 * For each product the ones of its category that are most like it: by shared attribute values (a rare one says more than a common
 * one), by brand, and by price. Linear in the number of products. Yields some lists at a time, so that others get their turn.
 */
export function* similarProducts(products: readonly Features[]): Generator<ReadonlyMap<string, string[]>> {
  for (const group of byCategory(products).values()) {
    const weights = tokenWeights(group);
    const sorted = group
      .map((product) => ({ product, tokens: weighted(product, weights) }))
      .sort((left, right) => compareNeighbours(left.product, right.product));
    for (let start = 0; start < sorted.length; start += YIELDED_AT_ONCE) {
      const part = sorted.slice(start, start + YIELDED_AT_ONCE);
      yield new Map(part.map((entry, at) => [entry.product.id, mostLike(entry, neighboursOf(sorted, start + at))]));
    }
  }
}

/** What stands around a place of the sorted category. */
function neighboursOf(sorted: readonly Weighted[], place: number): readonly Weighted[] {
  const start = Math.max(0, Math.min(place - NEIGHBOURS_MAX / 2, sorted.length - NEIGHBOURS_MAX));
  return sorted.slice(start, start + NEIGHBOURS_MAX);
}

function mostLike(entry: Weighted, neighbours: readonly Weighted[]): string[] {
  const scored = neighbours
    .filter((other) => other !== entry)
    .map((other) => ({ id: other.product.id, score: similarity(entry, other) }))
    .sort((left, right) => right.score - left.score || (left.id < right.id ? -1 : 1));
  return scored.slice(0, SIMILAR_MAX).map(({ id }) => id);
}

interface Weighted {
  readonly product: Features;
  readonly tokens: ReadonlyMap<string, number>;
}

function similarity(left: Weighted, right: Weighted): number {
  let shared = 0;
  for (const [token, weight] of left.tokens) if (right.tokens.has(token)) shared += weight;
  const all = sum(left.tokens) + sum(right.tokens) - shared;
  const attributes = all === 0 ? 0 : shared / all;
  const brand = left.product.brand !== null && left.product.brand === right.product.brand ? BRAND_WEIGHT : 0;
  const ratio =
    Math.min(left.product.price, right.product.price) / Math.max(left.product.price, right.product.price, 1);
  return attributes + brand + ratio * PRICE_WEIGHT;
}

function sum(tokens: ReadonlyMap<string, number>): number {
  let total = 0;
  for (const weight of tokens.values()) total += weight;
  return total;
}

function weighted(product: Features, weights: ReadonlyMap<string, number>): ReadonlyMap<string, number> {
  return new Map(product.tokens.map((token) => [token, weights.get(token) ?? 0]));
}

/** Inverse frequency: a value that all have says nothing. */
function tokenWeights(group: readonly Features[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { tokens } of group) for (const token of tokens) counts.set(token, (counts.get(token) ?? 0) + 1);
  return new Map([...counts].map(([token, count]) => [token, Math.log(1 + group.length / count)]));
}

function byCategory(products: readonly Features[]): ReadonlyMap<string, Features[]> {
  const groups = new Map<string, Features[]>();
  for (const product of products) {
    const group = groups.get(product.leafCategory);
    if (group) group.push(product);
    else groups.set(product.leafCategory, [product]);
  }
  return groups;
}

function compareNeighbours(left: Features, right: Features): number {
  const [one, other] = [left.brand ?? "", right.brand ?? ""];
  // By their codes: to compare as people do would take as long as all the rest, and which brand stands first says nothing.
  if (one !== other) return one < other ? -1 : 1;
  return left.price - right.price || (left.id < right.id ? -1 : 1);
}

import { Turns } from "../platform/turns.ts";
import { chanceInKind, type PairCounts, type Priors } from "./chances.ts";
import { byCount, mostOf, type SalesTally } from "./tally.ts";

/** What is counted by category, beside what is counted by product. */
export interface KindCounts {
  /** Orders with products of a category. */
  readonly orders: ReadonlyMap<string, number>;
  /** By category: what its products were bought with, by product, by category, and in all. */
  readonly partners: ReadonlyMap<string, ReadonlyMap<string, number>>;
  readonly kinds: ReadonlyMap<string, ReadonlyMap<string, number>>;
  readonly paired: ReadonlyMap<string, number>;
  /** All orders of all products that are in the shop. */
  readonly total: number;
}

/** Everything that chances are taken from. */
export interface Counted {
  readonly tally: SalesTally;
  /** Category by product id, of every product that is in the shop. */
  readonly categories: ReadonlyMap<string, string>;
  readonly byKind: KindCounts;
}

/** Partners of one category that are remembered; half of them stay when there are more. */
const KIND_PARTNERS_MAX = 4_000;

/** Adds what products were bought with up by their categories. Takes seconds for two million pairs, so it lets others have their turn. */
export async function countKinds(tally: SalesTally, categories: ReadonlyMap<string, string>): Promise<KindCounts> {
  const turns = new Turns();
  const [orders, paired] = [new Map<string, number>(), new Map<string, number>()];
  const [partners, kinds] = [new Map<string, Map<string, number>>(), new Map<string, Map<string, number>>()];
  let total = 0;
  for (const [id, count] of tally.orders) {
    const kind = categories.get(id);
    if (kind === undefined) continue;
    total += count;
    add(orders, kind, count);
    add(paired, kind, tally.paired.get(id) ?? 0);
    const [own, others] = [within(partners, kind), within(kinds, kind)];
    for (const [other, weight] of tally.together.get(id) ?? []) {
      const otherKind = categories.get(other);
      if (otherKind === undefined) continue;
      add(own, other, weight);
      add(others, otherKind, weight);
    }
    if (own.size > KIND_PARTNERS_MAX) partners.set(kind, mostOf(own, KIND_PARTNERS_MAX / 2));
    await turns.pause();
  }
  return { orders, partners, kinds, paired, total };
}

/** What was counted of a pair of products that are in the shop. */
export function pairCounts(counted: Counted, id: string, other: string): PairCounts {
  const { tally, categories } = counted;
  return {
    ...kindCounts(counted, categories.get(id) ?? "", other),
    own: tally.together.get(id)?.get(other) ?? 0,
    ownTotal: tally.paired.get(id) ?? 0,
  };
}

function kindCounts({ tally, categories, byKind }: Counted, kind: string, other: string): PairCounts {
  const otherKind = categories.get(other) ?? "";
  return {
    own: 0,
    ownTotal: 0,
    kind: byKind.partners.get(kind)?.get(other) ?? 0,
    kindTotal: byKind.paired.get(kind) ?? 0,
    kinds: byKind.kinds.get(kind)?.get(otherKind) ?? 0,
    popularity: tally.orders.get(other) ?? 0,
    kindPopularity: byKind.orders.get(otherKind) ?? 0,
    total: byKind.total,
  };
}

const KINDS_MAX = 30;
const LEADERS_MAX = 30;
const PARTNERS_MAX = 100;
const LIKELY_MAX = 60;

/** What goes with a category. */
export interface KindChances {
  /** What is most likely bought with it, best first. */
  readonly likely: readonly string[];
  /** How likely a product is. */
  chanceOf(other: string): number;
}

/** What goes with each category, worked out when it is first asked for. `bestsellers` are in the shop, best first. */
export function chancesByKind(
  counted: Counted,
  priors: Priors,
  bestsellers: readonly string[],
): (kind: string) => KindChances {
  const { byKind } = counted;
  const leaders = leadersByKind(counted, bestsellers);
  const known = new Map<string, KindChances>();
  return (kind) => {
    const found = known.get(kind);
    if (found) return found;
    const near = byCount(byKind.kinds.get(kind) ?? []).slice(0, KINDS_MAX);
    const partners = byCount(byKind.partners.get(kind) ?? []).slice(0, PARTNERS_MAX);
    const chanceOf = (other: string) => chanceInKind(kindCounts(counted, kind, other), priors);
    const candidates = new Set([
      ...partners,
      ...near.flatMap((one) => leaders.get(one) ?? []),
      ...bestsellers.slice(0, LIKELY_MAX),
    ]);
    const likely = byCount([...candidates].map((other) => [other, chanceOf(other)])).slice(0, LIKELY_MAX);
    const made = { likely, chanceOf };
    known.set(kind, made);
    return made;
  };
}

function leadersByKind({ categories }: Counted, bestsellers: readonly string[]): ReadonlyMap<string, string[]> {
  const leaders = new Map<string, string[]>();
  for (const id of bestsellers) {
    const kind = categories.get(id) ?? "";
    const list = leaders.get(kind) ?? [];
    leaders.set(kind, list);
    if (list.length < LEADERS_MAX) list.push(id);
  }
  return leaders;
}

function within(sums: Map<string, Map<string, number>>, key: string): Map<string, number> {
  const known = sums.get(key);
  if (known) return known;
  const made = new Map<string, number>();
  sums.set(key, made);
  return made;
}

function add(counts: Map<string, number>, key: string, by: number): void {
  counts.set(key, (counts.get(key) ?? 0) + by);
}

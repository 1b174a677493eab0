import { Turns } from "../platform/turns.ts";
import { chanceOf, type PairCounts, type Priors } from "./chances.ts";
import { type Counted, pairCounts } from "./kind-chances.ts";
import type { SampleOrder } from "./tally.ts";

/** What holds for a shop of which too little is known. */
const usual: Priors = { own: 27, kind: 81, kinds: 81 };
const strengths = [...Array.from({ length: 12 }, (_, at) => 3 ** at), Number.POSITIVE_INFINITY];
const names = ["own", "kind", "kinds"] as const;
const ROUNDS = 3;
/** Pairs by which the strengths are judged, spread over the sample: some hundredths of a second. */
const PAIRS_MAX = 8_000;
/** How far, as a factor's logarithm, a shop's priors are from the usual ones: mostly within a factor of a hundred. */
const SPREAD = 5;
const CHANCE_MIN = 1e-9;

/**
 * How much a shop's pairs are worth against what sells anyhow, told by the shop itself: the strengths under which each order of the
 * sample is likeliest to those who have counted all orders but this one (leave-one-out, a grid, one strength at a time). Where
 * baskets are filled by chance the pairs foretell nothing, and bestsellers are left; where they are not, pairs decide.
 */
export async function fitPriors(counted: Counted): Promise<Priors> {
  const turns = new Turns();
  const pairs = foretold(counted);
  let best = usual;
  let most = likelihood(pairs, best);
  for (let round = 0; round < ROUNDS; round += 1) {
    const before = best;
    for (const tried of names.flatMap((name) => strengths.map((strength) => ({ name, strength })))) {
      const priors = { ...best, [tried.name]: tried.strength };
      const found = likelihood(pairs, priors);
      if (found > most) [best, most] = [priors, found];
      await turns.pause();
    }
    if (best === before) break;
  }
  return best;
}

/** A pair of an order, as it looks to who has counted all orders but this one. */
export interface Foretold extends PairInOrder {
  /** What was counted without the order in which the pair is. */
  readonly counts: PairCounts;
  /** Every product that something has to be foretold from counts alike, however large its basket. */
  readonly weight: number;
}

function likelihood(pairs: readonly Foretold[], priors: Priors): number {
  let sum = 0;
  for (const { counts, weight } of pairs) sum += weight * logOf(chanceOf(counts, priors));
  for (const name of names) {
    const distance = Math.log(Math.min(priors[name], strengths.at(-2) ?? 1) / usual[name]);
    sum -= (distance / SPREAD) ** 2 / 2;
  }
  return sum;
}

/** A chance's logarithm; what was never bought otherwise is not impossible. */
export function logOf(chance: number): number {
  return Math.log(Math.max(CHANCE_MIN, chance));
}

/** Pairs of the sample by which the shop's orders are judged. */
export function foretold(counted: Counted): Foretold[] {
  const orders = counted.tally.sample.map((order) => ({
    order,
    present: order.ids.filter((id) => counted.categories.has(id)),
  }));
  const total = orders.reduce((sum, { present }) => sum + present.length * (present.length - 1), 0);
  const every = Math.max(1, Math.ceil(total / PAIRS_MAX));
  let at = 0;
  return orders.flatMap(({ order, present }) =>
    present.flatMap((id) =>
      present.flatMap((other) =>
        id !== other && at++ % every === 0 ? [withoutOrder(counted, { order, present, id, other })] : [],
      ),
    ),
  );
}

interface PairInOrder {
  readonly order: SampleOrder;
  /** Of its products those that are in the shop. */
  readonly present: readonly string[];
  readonly id: string;
  readonly other: string;
}

/** What would have been counted of a pair without the order that it is taken from. */
function withoutOrder(counted: Counted, pair: PairInOrder): Foretold {
  const { order, present, id, other } = pair;
  const { ids, recency, weight } = order;
  const all = pairCounts(counted, id, other);
  const kindOf = (one: string) => counted.categories.get(one);
  const [kind, otherKind] = [kindOf(id), kindOf(other)];
  const ofKind = present.filter((one) => kindOf(one) === kind).length;
  const ofOther = present.filter((one) => kindOf(one) === otherKind).length;
  const isSame = kind === otherKind;
  const counts: PairCounts = {
    own: all.own - weight,
    ownTotal: all.ownTotal - weight * (ids.length - 1),
    kind: all.kind - weight * (isSame ? ofKind - 1 : ofKind),
    kindTotal: all.kindTotal - weight * ofKind * (ids.length - 1),
    kinds: all.kinds - weight * ofKind * (isSame ? ofKind - 1 : ofOther),
    popularity: all.popularity - recency,
    kindPopularity: all.kindPopularity - recency * ofOther,
    total: all.total - recency * present.length,
  };
  return { ...pair, counts, weight: recency / (ids.length - 1) };
}

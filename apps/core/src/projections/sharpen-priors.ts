import { Turns } from "../platform/turns.ts";
import { blend, type Priors } from "./chances.ts";
import type { Counted, KindChances } from "./kind-chances.ts";
import type { SampleOrder } from "./tally.ts";

/** Times weaker than what makes the orders likeliest. */
const WEAKER = [3, 9, 27] as const;
/** Pairs by which lists are compared, spread over the sample: about a tenth of a second. */
const PAIRS_MAX = 600;
/** Places of a list that a shopper sees. */
const PLACES = 10;
/** Standard errors by which a weaker prior has to be better: what pairs foretell by chance is to decide nothing. */
const ERRORS = 2;

/**
 * Priors that make the orders likeliest make a list of the ten likeliest too cautious where a few things go with each product and many are
 * bought with it by chance: the many decide how strong the prior is, only the few stand in a list. So weaker ones are tried on lists, each
 * foretold from all other orders, and taken where what was bought stands clearly higher. Where pairs foretell nothing it stays so.
 */
export async function sharpenPriors(
  counted: Counted,
  priors: Priors,
  inKind: (kind: string) => KindChances,
): Promise<Priors> {
  if (priors.own === Number.POSITIVE_INFINITY) return priors;
  const turns = new Turns();
  const pairs: Candidates[] = [];
  for (const pair of pairsOf(counted)) {
    pairs.push(candidatesOf(counted, pair, inKind));
    await turns.pause();
  }
  const gains = (own: number) => pairs.map((pair) => gainOf(pair, own));
  const before = gains(priors.own);
  let best = { own: priors.own, by: 0 };
  for (const factor of WEAKER) {
    const own = priors.own / factor;
    const { mean, error } = differenceOf(gains(own), before);
    if (mean > ERRORS * error && mean > best.by) best = { own, by: mean };
    await turns.pause();
  }
  return { ...priors, own: best.own };
}

interface Pair {
  readonly order: SampleOrder;
  readonly id: string;
  readonly other: string;
}

function pairsOf({ tally, categories }: Counted): Pair[] {
  const all = tally.sample.flatMap((order) => {
    const ids = order.ids.filter((id) => categories.has(id));
    return ids.map((id, at): Pair => ({ order, id, other: ids[(at + 1) % ids.length] ?? id }));
  });
  const every = Math.max(1, Math.ceil(all.length / PAIRS_MAX));
  return all.filter(({ id, other }, at) => at % every === 0 && id !== other);
}

interface Candidate {
  /** How often it was bought with the first product, the order in question aside, and how likely it is without that. */
  readonly count: number;
  readonly prior: number;
}

interface Candidates {
  readonly bought: Candidate;
  readonly others: readonly Candidate[];
  readonly total: number;
}

/** What would compete in the product's list if the order had never been. */
function candidatesOf({ tally, categories }: Counted, pair: Pair, inKind: (kind: string) => KindChances): Candidates {
  const { order, id, other } = pair;
  const partners = tally.together.get(id) ?? new Map<string, number>();
  const kind = inKind(categories.get(id) ?? "");
  const inOrder = new Set(order.ids);
  const read = (one: string): Candidate => {
    const count = (partners.get(one) ?? 0) - (inOrder.has(one) ? order.weight : 0);
    return { count, prior: kind.chanceOf(one) };
  };
  const names = new Set([...partners.keys(), ...kind.likely].filter((one) => categories.has(one)));
  names.delete(id);
  names.delete(other);
  return {
    bought: read(other),
    others: [...names].map(read),
    total: (tally.paired.get(id) ?? 0) - order.weight * (order.ids.length - 1),
  };
}

/** What it is worth that the product stands where it does, as in NDCG. */
function gainOf({ bought, others, total }: Candidates, own: number): number {
  const chanceOf = ({ count, prior }: Candidate) => blend(count, total, prior, own);
  const chance = chanceOf(bought);
  let place = 0;
  for (const other of others) {
    if (chanceOf(other) >= chance) place += 1;
    if (place >= PLACES) return 0;
  }
  return 1 / Math.log2(place + 2);
}

/** How much more one list of numbers is than another on average, and the standard error of that. */
function differenceOf(ones: readonly number[], others: readonly number[]): { mean: number; error: number } {
  const differences = ones.map((one, at) => one - (others[at] ?? 0));
  const count = Math.max(1, differences.length);
  const mean = differences.reduce((sum, one) => sum + one, 0) / count;
  const variance = differences.reduce((sum, one) => sum + (one - mean) ** 2, 0) / count;
  return { mean, error: Math.sqrt(variance / count) };
}

import { chanceOf, type Priors } from "./chances.ts";
import { type Foretold, foretold, logOf } from "./fit-priors.ts";
import type { Counted } from "./kind-chances.ts";
import type { SampleOrder } from "./tally.ts";

/** Fewer orders of several products than this tell nothing, neither that they are filled by chance nor that they are not. */
const ORDERS_MIN = 30;
/** Standard errors by which what was bought together has to foretell orders better than chance does. */
const ERRORS = 2;

/**
 * Whether the shop's baskets hold together at all: whether each order of the sample is likelier to those who have counted what was bought
 * together in all others than to those who only know what sells, however they know it. An order is one observation, whatever is in it.
 */
export function hasSignal(counted: Counted, priors: Priors): boolean {
  const pairs = foretold(counted);
  return [bySales, byBaskets(counted)].every((chance) => isForetold(pairs, { priors, chance }));
}

/** The chance of a pair in a shop where anything goes with anything. */
type Chance = (pair: Foretold) => number;

function isForetold(
  pairs: readonly Foretold[],
  { priors, chance }: { readonly priors: Priors; readonly chance: Chance },
): boolean {
  const gains = new Map<SampleOrder, number>();
  for (const pair of pairs) {
    const gain = pair.weight * (logOf(chanceOf(pair.counts, priors)) - logOf(chance(pair)));
    gains.set(pair.order, (gains.get(pair.order) ?? 0) + gain);
  }
  const count = gains.size;
  if (count < ORDERS_MIN) return true;
  const mean = [...gains.values()].reduce((sum, gain) => sum + gain, 0) / count;
  const variance = [...gains.values()].reduce((sum, gain) => sum + (gain - mean) ** 2, 0) / (count - 1);
  return mean > ERRORS * Math.sqrt(variance / count);
}

/** As often as the second product sells, whatever the first is. Says most where orders are few. */
const bySales: Chance = ({ counts: { popularity, total } }) => (total > 0 ? Math.max(0, popularity) / total : 0);

/**
 * As often as the second is in baskets with anything but itself. What sells most is in nearly every large basket, but only once, so that
 * less of it goes with itself than with others: that is no sign that these are bought for each other.
 */
function byBaskets({ tally, categories }: Counted): Chance {
  const pairedOf = (id: string) => tally.paired.get(id) ?? 0;
  const all = [...categories.keys()].reduce((sum, id) => sum + pairedOf(id), 0);
  return ({ order, present, id, other }) => {
    const each = order.weight * (order.ids.length - 1);
    const rest = all - each * present.length - (pairedOf(id) - each);
    return rest > 0 ? Math.max(0, pairedOf(other) - each) / rest : 0;
  };
}

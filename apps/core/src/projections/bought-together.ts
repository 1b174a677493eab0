import { Turns } from "../platform/turns.ts";
import { blend, type Priors } from "./chances.ts";
import { fitPriors } from "./fit-priors.ts";
import { type Counted, chancesByKind, countKinds, type KindChances } from "./kind-chances.ts";
import { sharpenPriors } from "./sharpen-priors.ts";
import { byCount, type SalesTally } from "./tally.ts";
import { hasSignal } from "./tell-signal.ts";

export const TOGETHER_MAX = 20;
/** With fewer orders than this, of the product's category, what is alike says more than what was bought. */
const ORDERS_MIN = 3;

export interface TogetherParts {
  readonly tally: SalesTally;
  /** Category by product id, of every product that is in the shop. */
  readonly categories: ReadonlyMap<string, string>;
  /** What is alike, by product id. */
  readonly similar: ReadonlyMap<string, readonly string[]>;
  /** Ids that sell best, best first; all of them are in the shop. */
  readonly bestsellers: readonly string[];
}

/**
 * What will most likely be in the same basket, for each product of the shop. As far as a product's own orders are few, its category
 * speaks, then the categories that go with it, then what sells: one order by accident proves nothing, and a new product is shown
 * what goes with its kind. How many are few is told by the shop's orders themselves. Lets others have their turn while it works.
 */
export async function* boughtTogether(parts: TogetherParts): AsyncGenerator<readonly [id: string, ids: string[]]> {
  const { tally, categories, similar, bestsellers } = parts;
  const counted: Counted = { tally, categories, byKind: await countKinds(tally, categories) };
  const fitted = await fitPriors(counted);
  if (!hasSignal(counted, fitted)) {
    for (const id of categories.keys()) yield [id, bestsellers.filter((other) => other !== id).slice(0, TOGETHER_MAX)];
    return;
  }
  const inKind = chancesByKind(counted, fitted, bestsellers);
  const priors = await sharpenPriors(counted, fitted, inKind);
  const turns = new Turns();
  for (const [id, category] of categories) {
    await turns.pause();
    const likely = likelyWith(id, { counted, priors, kind: inKind(category) });
    const alike = similar.get(id) ?? [];
    const isThin = (counted.byKind.orders.get(category) ?? 0) < ORDERS_MIN;
    const ordered = isThin ? [...alike, ...likely] : [...likely, ...alike];
    const others = [...new Set(ordered)].filter((other) => other !== id && categories.has(other));
    yield [id, others.slice(0, TOGETHER_MAX)];
  }
}

interface Known {
  readonly counted: Counted;
  readonly priors: Priors;
  readonly kind: KindChances;
}

function likelyWith(id: string, { counted: { tally, categories }, priors, kind }: Known): readonly string[] {
  const partners = tally.together.get(id);
  // Where pairs foretell nothing, all products of a category have the list of the category.
  if (!partners || priors.own === Number.POSITIVE_INFINITY) return kind.likely;
  const total = tally.paired.get(id) ?? 0;
  const candidates = new Set([...partners.keys(), ...kind.likely]);
  const chances = [...candidates].flatMap((other): [string, number][] => {
    if (!categories.has(other)) return [];
    return [[other, blend(partners.get(other) ?? 0, total, kind.chanceOf(other), priors.own)]];
  });
  return byCount(chances);
}

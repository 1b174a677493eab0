import { Stream } from "./random.ts";

/** What staff may do to an order, each in one or more calls. */
export const deskActs = [
  "cancel a unit",
  "ship a unit",
  "ship the rest",
  "ship and take back a unit",
  "take out a unit",
  "put in a unit, paid outside",
  "put in a unit, never paid",
  "put in a unit, then think better of it",
] as const;

/** What may become of a unit that is taken back instead of a refund. */
export const exchanges = ["exchange a unit", "exchange a unit for two, then think better of it"] as const;

/** What may become of a unit that is taken out: what is put in for it is paid by what it had paid. */
export const swaps = ["swap a unit", "swap a unit for two, paid outside"] as const;

/** What may be done to an order's money by hand. */
export const moneyActs = ["take what is held", "give back a little"] as const;

/** One thing that staff set out to do to a shopper's order; times in virtual milliseconds. */
export interface DeskAct {
  readonly kind:
    | (typeof deskActs)[number]
    | (typeof exchanges)[number]
    | (typeof swaps)[number]
    | (typeof moneyActs)[number];
  readonly shopper: string;
  readonly atMs: number;
  /** A colleague sets out to do the same. */
  readonly again: { readonly atMs: number } | null;
}

const DESK_CHANCE = 0.5;
const ACTS_MAX = 4;
const AT_MS_MAX = 9_000;
const AGAIN_CHANCE = 0.3;
const AGAIN_MS_MAX = 200;
const EXCHANGE_CHANCE = 0.6;
const SWAP_CHANCE = 0.6;
const MONEY_CHANCE = 0.3;
const MONEY_ACTS_MAX = 2;
const MONEY_AGAIN_CHANCE = 0.6;

/** Nobody at the desk in half of all seeds, so that what shoppers do alone is explored as well. */
export function drawDesk(seed: number, shoppers: readonly string[]): DeskAct[] {
  const [first, ...others] = shoppers;
  const stream = new Stream(seed, "desk");
  // Streams of their own, so that seeds from before there were exchanges and swaps decide everything else as they did.
  const exchanging = new Stream(seed, "exchanges");
  const swapping = new Stream(seed, "swaps");
  if (first === undefined || !stream.chance(DESK_CHANCE)) return [];
  const acts = Array.from({ length: stream.between(1, ACTS_MAX) }, (): DeskAct => {
    const atMs = stream.between(500, AT_MS_MAX);
    const kind = stream.pick(deskActs);
    const isExchange = kind === "ship and take back a unit" && exchanging.chance(EXCHANGE_CHANCE);
    const isSwap = kind === "take out a unit" && swapping.chance(SWAP_CHANCE);
    const instead = isExchange ? exchanging.pick(exchanges) : isSwap ? swapping.pick(swaps) : kind;
    return {
      kind: instead,
      shopper: stream.pick([first, ...others]),
      atMs,
      again: stream.chance(AGAIN_CHANCE) ? { atMs: atMs + stream.between(0, AGAIN_MS_MAX) } : null,
    };
  });
  return [...acts, ...drawMoney(seed, [first, ...others])];
}

/** A stream of their own, for the same reason. Colleagues mostly come together: what they give back is then the same twice. */
function drawMoney(seed: number, shoppers: readonly [string, ...string[]]): DeskAct[] {
  const stream = new Stream(seed, "money");
  if (!stream.chance(MONEY_CHANCE)) return [];
  return Array.from({ length: stream.between(1, MONEY_ACTS_MAX) }, () => {
    const atMs = stream.between(500, AT_MS_MAX);
    const again = stream.chance(MONEY_AGAIN_CHANCE) ? { atMs: atMs + stream.between(0, AGAIN_MS_MAX) } : null;
    return { kind: stream.pick(moneyActs), shopper: stream.pick(shoppers), atMs, again };
  });
}

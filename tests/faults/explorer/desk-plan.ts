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

/** One thing that staff set out to do to a shopper's order; times in virtual milliseconds. */
export interface DeskAct {
  readonly kind: (typeof deskActs)[number];
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

/** Nobody at the desk in half of all seeds, so that what shoppers do alone is explored as well. */
export function drawDesk(seed: number, shoppers: readonly string[]): DeskAct[] {
  const [first, ...others] = shoppers;
  const stream = new Stream(seed, "desk");
  if (first === undefined || !stream.chance(DESK_CHANCE)) return [];
  return Array.from({ length: stream.between(1, ACTS_MAX) }, () => {
    const atMs = stream.between(500, AT_MS_MAX);
    return {
      kind: stream.pick(deskActs),
      shopper: stream.pick([first, ...others]),
      atMs,
      again: stream.chance(AGAIN_CHANCE) ? { atMs: atMs + stream.between(0, AGAIN_MS_MAX) } : null,
    };
  });
}

import type { StateTable } from "@stoa/kernel";

/** `completing`: an order is being made of it; it opens again when the order is refused. */
export const cartTransitions = {
  open: ["completing", "merged"],
  completing: ["completed", "open"],
  completed: [],
  merged: ["open"],
} as const satisfies StateTable;
export type CartState = keyof typeof cartTransitions;

export const LINES_PER_CART_MAX = 100;
export const QUANTITY_MAX = 999;
export const PROMOTION_CODES_MAX = 10;
/** Units times price of one line, in minor units; also the most that shipping costs. */
export const LINE_AMOUNT_MAX = 10_000_000_000;
/** All lines together. With as much again of tax, and shipping, a total stays below AMOUNT_MAX, and so every sum is exact. */
export const CART_AMOUNT_MAX = 400_000_000_000;
/** How long a cart lives after its last change. */
export const CART_TTL_MS = 30 * 24 * 60 * 60 * 1_000;

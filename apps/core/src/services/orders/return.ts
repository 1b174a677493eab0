import type { StateTable } from "@stoa/kernel";

/** Legal moves of a return. */
export const returnStateTable = {
  requested: ["approved", "rejected", "cancelled"],
  approved: ["received", "cancelled"],
  received: ["refunded", "exchanged", "closed"],
  refunded: ["closed"],
  exchanged: ["closed"],
  closed: [],
  rejected: [],
  cancelled: [],
} as const satisfies StateTable;
export type ReturnState = keyof typeof returnStateTable;

import type { Instant, StateTable } from "@stoa/kernel";

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

export const returnStates = Object.keys(returnStateTable) as [ReturnState, ...ReturnState[]];

/** What a shopper may get for goods that came back: the money, or store credit in its place. */
export const returnRefundTos = ["original", "store_credit"] as const;
export type ReturnRefundTo = (typeof returnRefundTos)[number];

const DAY_MS = 24 * 60 * 60 * 1_000;

/** When a parcel reached the shopper, as far as is known. */
export interface ArrivedParcel {
  readonly shippedAt: Instant;
  readonly deliveredAt: Instant | null;
}

/** Whether units that came in one of these parcels may still be sent back. The latest parcel counts. */
export function isInWindow(parcels: readonly ArrivedParcel[], windowDays: number, now: Instant): boolean {
  return parcels.some(({ shippedAt, deliveredAt }) => now <= (deliveredAt ?? shippedAt) + windowDays * DAY_MS);
}

import type { Freshness } from "../http/answers.ts";

/** Short, because a change of price is to be seen at once; the stale half spares the shop a crowd that asks again. */
export const catalogFreshness: Freshness = { maxAgeSeconds: 10, staleSeconds: 60 };
export const listFreshness: Freshness = { maxAgeSeconds: 10, staleSeconds: 60 };
export const stockFreshness: Freshness = { maxAgeSeconds: 1, staleSeconds: 4 };
export const redirectFreshness: Freshness = { maxAgeSeconds: 300, staleSeconds: 3_600 };

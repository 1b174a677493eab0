import type { Freshness } from "../http/answers.ts";
import type { PublicPolicy } from "../http/public-read.ts";

/** Core tells of every change, so a held answer ages only in case a message gets lost. */
const TOLD = { freshMs: 30_000, reviseMs: 0 };
/** Made of many: whatever is not told of shows within seconds. */
const MADE_OF_MANY = { freshMs: 2_000, reviseMs: 8_000 };

/** Short, because a change of price is to be seen at once; the stale half spares the shop a crowd that asks again. */
export const catalogPolicy: PublicPolicy = { freshness: { maxAgeSeconds: 10, staleSeconds: 60 }, hold: TOLD };
export const listPolicy: PublicPolicy = { freshness: { maxAgeSeconds: 10, staleSeconds: 60 }, hold: MADE_OF_MANY };
export const stockPolicy: PublicPolicy = { freshness: { maxAgeSeconds: 1, staleSeconds: 4 }, hold: TOLD };
export const redirectFreshness: Freshness = { maxAgeSeconds: 300, staleSeconds: 3_600 };

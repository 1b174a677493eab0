import type { Instant } from "@stoa/kernel";
import { gt, isNull, or } from "drizzle-orm";
import type { Transaction } from "../../platform/db/index.ts";
import { jwks } from "./tables.ts";

/** A key signs for so long; then the next one is made. */
export const JWT_KEY_LIFETIME_SECONDS = 30 * 24 * 60 * 60;
/** A key is published for so long after its end: longer than the last token it has signed lives, clocks and caches included. */
export const JWT_KEY_GRACE_SECONDS = 15 * 60;

/** Ends the keys that sign now, before their time: the next token is signed by a new one. What they have signed is good until it ends. */
export async function rotateJwtKeys({ tx, now }: { readonly tx: Transaction; readonly now: Instant }): Promise<number> {
  const at = new Date(now);
  const ended = await tx
    .update(jwks)
    .set({ expiresAt: at })
    .where(or(isNull(jwks.expiresAt), gt(jwks.expiresAt, at)))
    .returning({ id: jwks.id });
  return ended.length;
}

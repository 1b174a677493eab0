import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import type { OrderId } from "@stoa/kernel";
import type { Actor } from "../../platform/rpc/index.ts";

/**
 * What a guest shows to see the order again. Derived, not stored: a checkout that is asked again answers the same token,
 * and whoever reads the database holds none.
 */
export function orderAccessToken(secret: string, orderId: OrderId): string {
  return createHmac("sha256", secret).update(`order-access:${orderId}`).digest("base64url");
}

/** SHA-256 (hex), as it lies in the database and in the read model. */
export function hashAccessToken(token: string): string {
  return createHash("sha256").update(token).digest("hex");
}

interface Owned {
  readonly customerId: string | null;
  readonly accessTokenHash: string;
}

/** Whether the actor may act on the order without a token: its customer, or staff who may write orders. */
export function mayActOn(order: Owned, actor: Actor): boolean {
  if (actor.kind === "customer") return order.customerId === actor.customerId;
  return actor.kind === "staff" && actor.rights.has("orders:write");
}

/** Compared in constant time, though only hashes are compared. */
export function isTokenOf(order: Owned, token: string | undefined): boolean {
  if (token === undefined) return false;
  return timingSafeEqual(Buffer.from(hashAccessToken(token)), Buffer.from(order.accessTokenHash));
}

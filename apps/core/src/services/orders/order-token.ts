import { createHash, createHmac } from "node:crypto";
import type { OrderId } from "@stoa/kernel";

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

import type { CustomerId } from "@stoa/kernel";

/** Who buys, as far as known. */
export interface ShopperName {
  readonly customerId: CustomerId | null;
  readonly email: string | null;
}

/** Every name a customer is known by: a limit per customer is not dodged by signing out, nor by another e-mail address. */
export function customerKeys({ customerId, email }: ShopperName): string[] {
  return [...(customerId === null ? [] : [customerId]), ...(email === null ? [] : [emailKey(email)])];
}

/** An address is kept as its hash: enough to count by, and nothing is left of somebody who asks to be forgotten. */
function emailKey(email: string): string {
  return new Bun.CryptoHasher("sha256").update(email.toLowerCase()).digest("hex");
}

import { newId } from "@stoa/kernel";
import { sql } from "drizzle-orm";
import type { CustomerActor } from "../../platform/rpc/index.ts";
import { aCart, aShop, aSku, card, deliver, placeOrder } from "../../services/orders/testing/checkout.ts";
import { createAddress } from "../../services/users/index.ts";
import { testRedis } from "../../testing/index.ts";
import { createPrivacyRouter } from "../privacy.ts";

/** A shop, and a Redis as edge and core share one. */
export async function aPrivacyBench() {
  const [shop, cache] = await Promise.all([aShop(), testRedis()]);
  return {
    shop,
    cache,
    async [Symbol.asyncDispose]() {
      await cache[Symbol.asyncDispose]();
      await shop[Symbol.asyncDispose]();
    },
  };
}
export type PrivacyBench = Awaited<ReturnType<typeof aPrivacyBench>>;
type Payment = Parameters<typeof placeOrder>[2]["payment"];

export const NAME = "Griselda Quicksilver";
export const home = {
  name: NAME,
  line1: "Main St 1",
  city: "Berlin",
  postalCode: "10115",
  country: "DE",
  phone: "+49301234",
};

/** A customer with an address and a confirmed order, and what they may call. */
export async function aCustomer({ shop, cache }: PrivacyBench, payment: Payment = card("pm_card_visa")) {
  const email = `griselda-${crypto.randomUUID()}@example.com`;
  const actor: CustomerActor = {
    kind: "customer",
    customerId: newId("cus"),
    userId: crypto.randomUUID(),
    email,
    emailVerified: true,
  };
  const { userId, customerId } = actor;
  await shop.db.execute(
    sql`insert into users."user" (id, name, email, customer_id) values (${userId}, ${NAME}, ${email}, ${customerId})`,
  );
  const deps = { db: shop.db, clock: shop.clock, redis: cache.redis };
  await createAddress(deps, actor, { address: home });
  const cartId = await aCart(shop, await aSku(shop, 5), 1, actor);
  const patch = { email, shippingAddress: home };
  const request = { cartId, patch, payment, idempotencyKey: crypto.randomUUID() };
  const { orderId } = await placeOrder(shop.orders, actor, request);
  const context = { actor, requestId: "request-1", traceparent: null, idempotencyKey: null, clock: shop.clock };
  return { actor, email, orderId, caller: createPrivacyRouter(deps).createCaller(context) };
}

/** An order of somebody who has not signed in. */
export async function aGuestOrder({ shop }: PrivacyBench, email: string) {
  const cartId = await aCart(shop, await aSku(shop, 5), 1);
  const request = { cartId, patch: { email, shippingAddress: home }, payment: card("pm_card_visa") };
  const { orderId } = await placeOrder(
    shop.orders,
    { kind: "guest" },
    { ...request, idempotencyKey: crypto.randomUUID() },
  );
  await deliver(shop, orderId);
  return orderId;
}

import { newId, type StaffId } from "@stoa/kernel";
import type { Actor, Right } from "../../../platform/rpc/index.ts";
import { createPaymentsRouter } from "../router.ts";
import type { TestShop } from "./shop.ts";

export const staffId: StaffId = newId("stf");

/** A member of staff with no other rights than these. */
export const staff = (...rights: Right[]): Actor => ({
  kind: "staff",
  staffId,
  userId: "user",
  name: "Ada",
  email: "ada@shop.example",
  roles: [],
  rights: new Set(rights),
});

/** The payments procedures as somebody calls them. */
export function callerFor(shop: TestShop, actor: Actor, idempotencyKey: string | null = null) {
  const context = { actor, requestId: "req", traceparent: null, idempotencyKey, clock: shop.deps.clock };
  return createPaymentsRouter(shop.deps).createCaller(context);
}

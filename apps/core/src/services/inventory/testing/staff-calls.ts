import { type Instant, newId } from "@stoa/kernel";
import type { Database } from "../../../platform/db/index.ts";
import type { Actor, Right } from "../../../platform/rpc/index.ts";
import { noTargets } from "../../../testing/index.ts";
import { createInventoryRouter } from "../index.ts";
import { NOW } from "./fixture.ts";

interface StaffOptions {
  readonly rights?: readonly Right[];
  readonly idempotencyKey?: string;
  readonly now?: Instant;
}

let requests = 0;

/** SKUs that the catalog would call kits. */
export const kits = new Set<string>();

/** Calls of a member of staff, as the dashboard makes them; each call of the answer is a request of its own. */
export function staffCalls(db: () => Database) {
  return (options: StaffOptions = {}) => {
    requests += 1;
    const { rights = ["inventory:read", "inventory:write"], now = NOW } = options;
    const staffId = newId("stf");
    const person = { userId: staffId, name: "Grace", email: "grace@example.com", roles: [] };
    const actor: Actor = { kind: "staff", staffId, ...person, rights: new Set(rights) };
    const clock = { now: () => now };
    const requestId = `request-${requests}`;
    const idempotencyKey = options.idempotencyKey ?? null;
    const context = { actor, requestId, traceparent: null, idempotencyKey, clock };
    return createInventoryRouter({
      db: db(),
      clock,
      kitsAmong: async (skus) => new Set(skus.filter((sku) => kits.has(sku))),
      findTargets: noTargets,
    }).createCaller(context);
  };
}

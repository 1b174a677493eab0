import type { RpcContext } from "../../../platform/rpc/index.ts";
import { noTargets } from "../../../testing/index.ts";
import { createChangesRouter } from "../changes-router.ts";
import type { OrdersDeps } from "../deps.ts";
import { createFulfilmentRouter } from "../fulfilment-router.ts";
import { createReturnsRouter } from "../returns-router.ts";
import { createStaffRouter } from "../staff-router.ts";
import { packer } from "./after-sale.ts";

/** What staff do to orders, through the procedures that the dashboard calls: rights, audit and replay included. */
export function openDesk(orders: OrdersDeps) {
  const routers = {
    parcels: createFulfilmentRouter(orders),
    returns: createReturnsRouter({ ...orders, findTargets: noTargets }),
    edits: createChangesRouter(orders),
    orders: createStaffRouter({ ...orders, feed: { watch: nothingChanges } }),
  };
  return (idempotencyKey: string) => {
    const context = deskContext(orders, idempotencyKey);
    return {
      parcels: routers.parcels.createCaller(context),
      returns: routers.returns.createCaller(context).staff,
      edits: routers.edits.createCaller(context),
      orders: routers.orders.createCaller(context),
    };
  };
}

/** Nobody looks at a screen here. */
async function* nothingChanges(): AsyncGenerator<readonly string[]> {}

/** Who sits there, and what the act is called. */
export function deskContext({ clock }: Pick<OrdersDeps, "clock">, idempotencyKey: string): RpcContext {
  return { actor: packer, requestId: "req", traceparent: null, idempotencyKey, clock };
}

export type Desk = ReturnType<ReturnType<typeof openDesk>>;

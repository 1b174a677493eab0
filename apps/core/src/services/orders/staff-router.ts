import { idSchema, pageQuerySchema } from "@stoa/kernel";
import { orderStates, type StoredOrder } from "@stoa/read-models";
import { z } from "zod";
import { router, staffProcedure } from "../../platform/rpc/index.ts";
import { sagasOf } from "../../platform/saga/index.ts";
import { cancelLines } from "./cancel-lines.ts";
import { cancelOrder } from "./cancel-order.ts";
import type { OrdersDeps } from "./deps.ts";
import { itemsSchema } from "./fulfilment-router.ts";
import { openDisputes } from "./open-disputes.ts";
import type { OrderFeed } from "./order-feed.ts";
import { listOrders, readOrder, readOrders } from "./queries.ts";
import { settleRefund, stuckRefunds } from "./settle-refund.ts";
import { type StaffContext, staffWrite } from "./staff-write.ts";

export interface StaffRouterDeps extends OrdersDeps {
  readonly feed: OrderFeed;
}

const one = z.strictObject({ id: idSchema("ord") });
const listed = z.strictObject({
  ...pageQuerySchema.shape,
  states: z.array(z.enum(orderStates)).max(orderStates.length).optional(),
  search: z.string().max(254).optional(),
});
const some = z.strictObject({ ids: z.array(one.shape.id).max(100) });
const unwanted = one.extend({ items: itemsSchema, reason: z.string().trim().min(1).max(200).optional() });
const settled = one.extend({
  refundId: idSchema("ref"),
  by: z.enum(["store_credit", "outside"]),
  reason: z.string().trim().min(1).max(500),
});

/** For the dashboard: orders as they change, their details, cancelling them whole or in part, and refunds that nobody is about to give. */
export function createStaffRouter(deps: StaffRouterDeps) {
  const canRead = staffProcedure("orders:read");
  const canWrite = staffProcedure("orders:write");
  const canReadPayments = staffProcedure("payments:read");
  return router({
    list: canRead.input(listed).query(async ({ input }) => {
      const page = await listOrders(deps.db, input);
      return { ...page, items: page.items.map(forStaff) };
    }),
    get: canRead.input(one).query(async ({ input: { id } }) => {
      const [order, sagas] = await Promise.all([readOrder(deps.db, id), sagasOf(deps.db, id)]);
      return { ...forStaff(order), sagas };
    }),
    cancel: canWrite
      .input(one)
      .mutation(async ({ ctx: { actor, requestId }, input: { id } }) =>
        forStaff(await cancelOrder(deps, actor, { orderId: id, requestId })),
      ),
    /** Units that shall not be sent: stock and money for them follow. */
    cancelLines: canWrite.input(unwanted).mutation(({ ctx, input }) => {
      const { id, ...units } = input;
      return staffWrite(deps, {
        ...{ ctx, input, action: "order.lines_cancelled", entity: "order", entityId: id },
        work: (context) => cancelLines(context, { ...units, orderId: id }),
      });
    }),
    openDisputes: canReadPayments
      .input(z.strictObject(pageQuerySchema.shape))
      .query(({ input }) => openDisputes(deps.db, input)),
    /** Refunds of which something is missing that no provider is about to give. */
    unsettledRefunds: canReadPayments.input(one).query(async ({ input }) => ({
      items: (await stuckRefunds(deps, input.id)).map(({ refundId: id, ...refund }) => ({ id, ...refund })),
    })),
    settleRefund: staffProcedure("payments:refund")
      .input(settled)
      .mutation(({ ctx, input }) => settle(deps, ctx, input)),
    /** Ids of orders as they change, for screens that stay fresh. */
    changes: canRead.subscription(async function* ({ signal }) {
      for await (const ids of deps.feed.watch(signal)) yield { orderIds: ids };
    }),
    /** The orders of a few ids, for rows that have changed on the screen. */
    some: canRead.input(some).query(async ({ input }) => {
      const found = await readOrders(deps.db, input.ids);
      return { items: [...found.values()].map(({ stored }) => forStaff(stored)) };
    }),
  });
}

function settle(deps: OrdersDeps, ctx: StaffContext, input: z.infer<typeof settled>): Promise<void> {
  const { id, ...settlement } = input;
  return staffWrite(deps, {
    ...{ ctx, input, action: "refund.settled", entity: "order", entityId: id },
    work: (context) => settleRefund(context, { ...settlement, orderId: id }),
  });
}

/** Staff see everything but what would let them act as the guest. */
function forStaff({ view, customerId, settled }: StoredOrder) {
  return { ...view, customerId, settled };
}

import { type CartId, type Instant, idSchema, moneySchema, pageQuerySchema, problem, type SagaId } from "@stoa/kernel";
import { orderStates, type StoredOrder } from "@stoa/read-models";
import { z } from "zod";
import { recordAudit } from "../../platform/audit/index.ts";
import type { TargetsDeps } from "../../platform/custom-fields/index.ts";
import { transact } from "../../platform/db/index.ts";
import { customerProcedure, router, shopProcedure, staffProcedure } from "../../platform/rpc/index.ts";
import { retrySaga, sagasOf } from "../../platform/saga/index.ts";
import { cartPatchSchema } from "../carts/index.ts";
import { providerNames } from "../payments/index.ts";
import { cancelOrder } from "./cancel-order.ts";
import { createChangesRouter } from "./changes-router.ts";
import type { OrdersDeps } from "./deps.ts";
import { createDraftsRouter } from "./drafts-router.ts";
import { createOrderFieldsRouter } from "./fields-router.ts";
import { createFulfilmentRouter } from "./fulfilment-router.ts";
import { createInvoicingRouter } from "./invoicing/index.ts";
import { joinGuestOrders } from "./join-guest-orders.ts";
import { lookUpOrder } from "./look-up-order.ts";
import { createNotesRouter, type NotesRouterDeps } from "./notes-router.ts";
import type { OrderFeed } from "./order-feed.ts";
import { orderAccessToken } from "./order-token.ts";
import { awaitChange, payChangeByLink } from "./pay-change.ts";
import { type PayLink, payLink } from "./pay-draft.ts";
import { placeOrder } from "./place-order.ts";
import { listOrders, readOrder, readOrders } from "./queries.ts";
import { createReturnsRouter } from "./returns-router.ts";
import { settleRefund, stuckRefunds } from "./settle-refund.ts";
import type { SettledOrders } from "./settled-orders.ts";
import { staffWrite } from "./staff-write.ts";
import { viewPaymentLink } from "./view-payment-link.ts";

export interface OrdersRouterDeps extends OrdersDeps, NotesRouterDeps, TargetsDeps {
  readonly feed: OrderFeed;
  readonly settled: SettledOrders;
}

/** How long placing waits for the outcome of a saga that this process carries; a little less than edge lets a shopper wait. */
const SETTLE_WAIT_MS = 1_300;

const orderId = idSchema("ord");
/** What a payment link ends in. */
const token = z.string().regex(/^[\w-]{43}$/);
const payment = z.strictObject({
  provider: z.enum(providerNames),
  paymentMethod: z.string().min(1).max(255).optional(),
  returnUrl: z.url().max(2_000).optional(),
  savePaymentMethod: z.boolean().optional(),
});

/** For edge: placing, seeing and cancelling orders. For the dashboard: lists, details, the saga of each. */
export function createOrdersRouter(deps: OrdersRouterDeps) {
  return router({
    place: shopProcedure
      .input(
        z.strictObject({
          cartId: idSchema("cart"),
          payment,
          expectedTotal: moneySchema.optional(),
          expectedAmountDue: moneySchema.optional(),
          patch: cartPatchSchema.default({}),
        }),
      )
      .mutation(async ({ ctx, input }) => {
        if (ctx.idempotencyKey === null) throw problem("idempotency_key_required");
        const cartId: CartId = input.cartId;
        const request = { ...input, cartId, idempotencyKey: ctx.idempotencyKey };
        const { isCarried, ...placed } = await placeOrder(deps, ctx.actor, request);
        // An order that is asked for again is there already; a new one is told by its view, here or where edge waits for it.
        if (placed.replayed) return { ...placed, order: await readOrder(deps.db, placed.orderId) };
        return { ...placed, order: isCarried ? await deps.settled.wait(placed.orderId, SETTLE_WAIT_MS) : null };
      }),
    view: shopProcedure.input(z.strictObject({ orderId })).query(({ input }) => readOrder(deps.db, input.orderId)),
    cancel: shopProcedure
      .input(z.strictObject({ orderId, accessToken: z.string().min(1).max(200).optional() }))
      .mutation(({ ctx, input }) => cancelOrder(deps, ctx.actor, input)),
    lookUp: shopProcedure
      .input(z.strictObject({ number: z.string().min(1).max(32), email: z.email().max(254) }))
      .query(({ input }) => lookUpOrder(deps, input)),
    paymentLink: shopProcedure
      .input(z.strictObject({ token }))
      .query(({ input }) => viewPaymentLink(deps, input.token)),
    payLink: shopProcedure.input(z.strictObject({ token, payment })).mutation(async ({ ctx, input }) => {
      if (ctx.idempotencyKey === null) throw problem("idempotency_key_required");
      const request = { ...input, idempotencyKey: ctx.idempotencyKey };
      const placed = await payLink(deps, ctx.actor, request);
      if (placed !== null)
        return { ...placed, order: placed.replayed ? await readOrder(deps.db, placed.orderId) : null };
      // No draft's link: it is an edit's, or nobody's.
      return payEdit(deps, request);
    }),
    mine: customerProcedure.input(z.strictObject(pageQuerySchema.shape)).query(async ({ ctx, input }) => {
      await joinGuestOrders(deps, ctx.actor);
      return listOrders(deps.db, { ...input, customerId: ctx.actor.customerId });
    }),
    papers: createInvoicingRouter(deps),
    notes: createNotesRouter(deps),
    fields: createOrderFieldsRouter(deps),
    staff: staffRouter(deps),
    fulfilment: createFulfilmentRouter(deps),
    drafts: createDraftsRouter(deps),
    changes: createChangesRouter(deps),
    returns: createReturnsRouter(deps),
  });
}

async function payEdit(deps: OrdersRouterDeps, request: PayLink) {
  const { value: paid, replayed } = await payChangeByLink(deps, request);
  const { orderId } = paid;
  const accessToken = orderAccessToken(deps.orderTokenSecret, orderId);
  return { orderId, accessToken, replayed, ...(await awaitChange(deps, paid, SETTLE_WAIT_MS)) };
}

function staffRouter(deps: OrdersRouterDeps) {
  return router({
    list: staffProcedure("orders:read")
      .input(
        z.strictObject({
          ...pageQuerySchema.shape,
          states: z.array(z.enum(orderStates)).max(orderStates.length).optional(),
          search: z.string().max(254).optional(),
        }),
      )
      .query(async ({ input }) => {
        const page = await listOrders(deps.db, input);
        return { ...page, items: page.items.map(forStaff) };
      }),
    get: staffProcedure("orders:read")
      .input(z.strictObject({ orderId }))
      .query(async ({ input }) => {
        const [order, sagas] = await Promise.all([readOrder(deps.db, input.orderId), sagasOf(deps.db, input.orderId)]);
        return { ...forStaff(order), sagas };
      }),
    cancel: staffProcedure("orders:write")
      .input(z.strictObject({ orderId }))
      .mutation(async ({ ctx, input }) =>
        forStaff(await cancelOrder(deps, ctx.actor, { ...input, requestId: ctx.requestId })),
      ),
    /** Refunds of which something is missing that no provider is about to give. */
    unsettledRefunds: staffProcedure("payments:read")
      .input(z.strictObject({ orderId }))
      .query(async ({ input }) => ({
        items: (await stuckRefunds(deps, input.orderId)).map(({ refundId: id, ...refund }) => ({ id, ...refund })),
      })),
    settleRefund: staffProcedure("payments:refund")
      .input(
        z.strictObject({
          orderId,
          refundId: idSchema("ref"),
          by: z.enum(["store_credit", "outside"]),
          reason: z.string().trim().min(1).max(500),
        }),
      )
      .mutation(({ ctx, input }) =>
        staffWrite(deps, {
          ...{ ctx, input, action: "refund.settled", entity: "order", entityId: input.orderId },
          work: (context) => settleRefund(deps, context, input),
        }),
      ),
    retrySaga: staffProcedure("system:write")
      .input(z.strictObject({ sagaId: idSchema("saga") }))
      .mutation(({ ctx, input }) => retry(deps, ctx.actor, { id: input.sagaId, now: ctx.clock.now() })),
    /** Ids of orders as they change, for screens that stay fresh. */
    changes: staffProcedure("orders:read").subscription(async function* ({ signal }) {
      for await (const ids of deps.feed.watch(signal)) yield { orderIds: ids };
    }),
    /** The orders of a few ids, for rows that have changed on the screen. */
    some: staffProcedure("orders:read")
      .input(z.strictObject({ orderIds: z.array(orderId).max(100) }))
      .query(async ({ input }) => {
        const found = await readOrders(deps.db, input.orderIds);
        return { items: [...found.values()].map(({ stored }) => forStaff(stored)) };
      }),
  });
}

async function retry(
  deps: OrdersRouterDeps,
  actor: Parameters<typeof recordAudit>[1]["actor"],
  { id, now }: { readonly id: SagaId; readonly now: Instant },
): Promise<void> {
  await transact(deps.db, async (tx) => {
    await retrySaga(tx, now, id);
    await recordAudit(tx, { at: now, actor, action: "saga.retried", entity: "saga", entityId: id });
  });
}

/** Staff see everything but what would let them act as the guest. */
function forStaff({ view, customerId, settled }: StoredOrder) {
  return { ...view, customerId, settled };
}

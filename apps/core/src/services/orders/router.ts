import { type CartId, idSchema, moneySchema, pageQuerySchema, problem } from "@stoa/kernel";
import { z } from "zod";
import type { TargetsDeps } from "../../platform/custom-fields/index.ts";
import { customerProcedure, router, shopProcedure } from "../../platform/rpc/index.ts";
import { cartPatchSchema } from "../carts/index.ts";
import { providerNames } from "../payments/index.ts";
import { cancelOrder } from "./cancel-order.ts";
import { createChangesRouter } from "./changes-router.ts";
import { createDraftsRouter } from "./drafts-router.ts";
import { createOrderFieldsRouter } from "./fields-router.ts";
import { createFulfilmentRouter } from "./fulfilment-router.ts";
import { createInvoicingRouter } from "./invoicing/index.ts";
import { joinGuestOrders } from "./join-guest-orders.ts";
import { lookUpOrder } from "./look-up-order.ts";
import { createNotesRouter, type NotesRouterDeps } from "./notes-router.ts";
import { orderAccessToken } from "./order-token.ts";
import { awaitChange, payChangeByLink } from "./pay-change.ts";
import { type PayLink, payLink } from "./pay-draft.ts";
import { placeOrder } from "./place-order.ts";
import { listOrders, readOrder } from "./queries.ts";
import { createReturnsRouter } from "./returns-router.ts";
import type { SettledOrders } from "./settled-orders.ts";
import { createStaffRouter, type StaffRouterDeps } from "./staff-router.ts";
import { viewPaymentLink } from "./view-payment-link.ts";

export interface OrdersRouterDeps extends StaffRouterDeps, NotesRouterDeps, TargetsDeps {
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
    staff: createStaffRouter(deps),
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

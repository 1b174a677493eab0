import { idSchema, moneySchema, pageQuerySchema, type ReturnId, SKU_LENGTH_MAX } from "@stoa/kernel";
import { z } from "zod";
import { fieldPatchSchema, type TargetsDeps } from "../../platform/custom-fields/index.ts";
import { router, staffProcedure } from "../../platform/rpc/index.ts";
import { withQuotes } from "../carts/index.ts";
import type { ActContext, OrdersDeps } from "./deps.ts";
import { cancelExchange } from "./exchanges/cancel-exchange.ts";
import { checkWish } from "./exchanges/check-wish.ts";
import { exchangeLinesSchema, exchangeShippingSchema, exchangeWishSchema } from "./exchanges/exchange.ts";
import { exchangeAsWished } from "./exchanges/exchange-as-wished.ts";
import { type BegunExchange, exchangeReturn } from "./exchanges/exchange-return.ts";
import { itemsSchema } from "./fulfilment-router.ts";
import { approveReturn, cancelReturn, closeReturn, rejectReturn } from "./move-return.ts";
import { paymentLinkToken } from "./payment-request.ts";
import { receiveReturn } from "./receive-return.ts";
import { refundReturn } from "./refund-return.ts";
import { requestReturn } from "./request-return.ts";
import { returnRefundTos, returnStates } from "./return.ts";
import { listReturns, readReturn } from "./return-queries.ts";
import { type StaffContext, staffAct, staffWrite } from "./staff-write.ts";

const DAY_SECONDS = 86_400;
const LINK_DAYS = 7;
const LINK_DAYS_MAX = 30;

const orderId = idSchema("ord");
const returnId = idSchema("ret");
const text = z.string().trim().min(1).max(500);
const amount = moneySchema.refine((value) => value.amount >= 0, {
  path: ["amount"],
  message: "must not be less than 0",
});

/** What may be asked to come back, by a shopper or by staff for them. */
export const wantedReturnSchema = z.strictObject({
  orderId,
  items: z
    .array(itemsSchema.element.extend({ reason: text }))
    .min(1)
    .max(100),
  exchangeFor: exchangeWishSchema.optional(),
  customFields: fieldPatchSchema.optional(),
});
const oneReturn = z.strictObject({ id: returnId });
const received = oneReturn.extend({
  items: z
    .array(
      z.strictObject({
        sku: z.string().min(1).max(SKU_LENGTH_MAX),
        restock: z.int().min(0).max(999).default(0),
        writeOff: z.int().min(0).max(999).default(0),
      }),
    )
    .min(1)
    .max(100),
  locationId: idSchema("loc").optional(),
});
const refund = oneReturn.extend({
  amount: amount.optional(),
  restockingFee: amount.optional(),
  reason: text.optional(),
  refundTo: z.enum(returnRefundTos).optional(),
});

const listed = z.strictObject({
  ...pageQuerySchema.shape,
  states: z.array(z.enum(returnStates)).max(returnStates.length).optional(),
  orderId: orderId.optional(),
});
const exchange = oneReturn.extend({
  lines: exchangeLinesSchema.optional(),
  shippingMethod: exchangeShippingSchema,
  restockingFee: amount.optional(),
  refundTo: z.enum(returnRefundTos).optional(),
  reason: text.optional(),
  expiresInSeconds: z
    .int()
    .min(60)
    .max(LINK_DAYS_MAX * DAY_SECONDS)
    .default(LINK_DAYS * DAY_SECONDS),
});

/** Goods that come back, for the dashboard: what staff decide, and ask for in a shopper's place. */
export function createReturnsDeskRouter(deps: OrdersDeps & TargetsDeps) {
  const canRead = staffProcedure("orders:read");
  const canWrite = staffProcedure("orders:write");
  const canRefund = staffProcedure("payments:refund");
  const rejected = oneReturn.extend({ reason: text });
  return router({
    list: canRead.input(listed).query(({ input }) => listReturns(deps.db, input)),
    get: canRead.input(oneReturn).query(({ input }) => readReturn(deps.db, input.id)),
    create: canWrite.input(wantedReturnSchema).mutation(({ ctx, input }) => create(deps, ctx, input)),
    approve: canWrite.input(oneReturn).mutation(onReturn(deps, "return.approved", approveReturn)),
    reject: canWrite.input(rejected).mutation(onReturn(deps, "return.rejected", rejectReturn)),
    cancel: canWrite.input(oneReturn).mutation(onReturn(deps, "return.cancelled", cancelReturn)),
    /** Where the shopper has asked for other goods, they are exchanged at once, if that is possible. */
    receive: canWrite.input(received).mutation((call) => withQuotes(() => receive(deps)(call))),
    /** The one answer that holds the token of the link by which the difference is paid. */
    exchange: canWrite.input(exchange).mutation(({ ctx, input }) => beginExchange(deps, ctx, input)),
    cancelExchange: canWrite.input(oneReturn).mutation(onReturn(deps, "return.exchange_cancelled", cancelExchange)),
    refund: canRefund.input(refund).mutation(onReturn(deps, "return.refunded", refundReturn)),
    close: canWrite.input(oneReturn).mutation(onReturn(deps, "return.closed", closeReturn)),
  });
}

function create(deps: OrdersDeps & TargetsDeps, ctx: StaffContext, input: z.infer<typeof wantedReturnSchema>) {
  return staffWrite(deps, {
    ...{ ctx, input, action: "return.requested", entity: "return" },
    // What a person says in fields can be erased, and the chain cannot.
    audited: { ...input, customFields: Object.keys(input.customFields ?? {}) },
    entityId: (made: { readonly id: ReturnId }) => made.id,
    work: async (context) => {
      const { findTargets } = deps;
      const made = { id: await requestReturn(context, { ...input, byStaff: { findTargets } }) };
      await checkWish(deps, context, input);
      return made;
    },
  });
}

function receive(deps: OrdersDeps) {
  return onReturn<z.infer<typeof received>>(deps, "return.received", async (context, one) => {
    await receiveReturn(context, one);
    await exchangeAsWished(deps, context, one);
  });
}

async function beginExchange(
  deps: OrdersDeps,
  ctx: StaffContext,
  input: z.infer<typeof exchange>,
): Promise<Omit<BegunExchange, "requestId">> {
  const { id, ...wish } = input;
  const { requestId, ...begun } = await withQuotes(() =>
    staffWrite(deps, {
      ...{ ctx, input, action: "return.exchange_begun", entity: "return", entityId: id },
      // As with edits: the token is not kept.
      work: async (context) => {
        const { token: _, ...kept } = await exchangeReturn(deps, context, { ...wish, returnId: id });
        return kept;
      },
    }),
  );
  return { ...begun, token: requestId === null ? null : paymentLinkToken(deps, requestId) };
}

/** One act on one return. */
function onReturn<I extends { readonly id: ReturnId }>(
  deps: OrdersDeps,
  action: string,
  verb: (context: ActContext, input: Omit<I, "id"> & { readonly returnId: ReturnId }) => Promise<void>,
) {
  return staffAct(deps, {
    ...{ action, entity: "return" },
    verb: (context, { id, ...rest }: I) => verb(context, { ...rest, returnId: id }),
  });
}

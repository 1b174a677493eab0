import { type OrderId, type PaymentId, problem } from "@stoa/kernel";
import { and, eq, gt } from "drizzle-orm";
import { type Actor, describeActor } from "../../platform/rpc/index.ts";
import type { PaymentEventDeps, VerbContext } from "./attempt.ts";
import { dueNow } from "./capture-due.ts";
import { type CapturedOfOrder, createCaptureOrder } from "./capture-order.ts";
import { paymentOfOrder } from "./payment-of-order.ts";
import { perform } from "./perform.ts";
import { payment } from "./tables.ts";
import { createVoidAuthorization } from "./void-authorization.ts";

/** What else belongs to the transactions that begin and end it. */
export interface TakingHooks {
  readonly begun: (context: VerbContext, paymentId: PaymentId) => Promise<void>;
  readonly settled: (context: VerbContext, taken: Taken) => Promise<void>;
}

export interface Taken extends Pick<CapturedOfOrder, "kind"> {
  readonly paymentId: PaymentId;
}

/**
 * Staff say that the money of an order has come, or shall be taken: as much as its units cost that are not cancelled. What a manual
 * payment promised beyond that is let go of.
 * @throws problem `state_conflict` when nothing has been held for the order, or none of it is due.
 */
export async function takePayment(
  deps: PaymentEventDeps,
  orderId: OrderId,
  actor: Actor,
  { begun, settled }: TakingHooks,
): Promise<Taken> {
  const paid = await paymentOfOrder(deps.db, orderId);
  if (!paid || paid.authorizedAmount === 0)
    throw problem("state_conflict", { detail: "no money is held for this order" });
  const { paymentId } = paid;
  const verb = createCaptureOrder(deps);
  const { kind } = await perform(deps, {
    verb: {
      ...verb,
      async prepare(context, input) {
        const { due, captured: taken } = await dueNow(deps, context.tx, orderId);
        if (due === 0 && taken === 0)
          throw problem("state_conflict", { detail: "nothing of this order is to be paid" });
        const atMost = due === null ? undefined : Math.max(0, due - taken);
        return verb.prepare(context, { ...input, atMost, cause: `staff/${orderId}/to/${due ?? "all"}` });
      },
    },
    context: (base: VerbContext) => base,
    input: { orderId, amount: "rest" as const, cause: "", byStaff: true, by: describeActor(actor) },
    begun: (context) => begun(context, paymentId),
    settled: async (context, outcome) => {
      await deps.onPaymentEvent({ ...context, orderId, paymentId, told: [], ended: outcome.ended });
      await settled(context, { kind: outcome.kind, paymentId });
    },
  });
  if (kind === "captured") await letGoOfPromise(deps, orderId);
  return { kind, paymentId };
}

/** A manual payment holds nothing at anybody's: what was not taken of it will not come. */
async function letGoOfPromise(deps: PaymentEventDeps, orderId: OrderId): Promise<void> {
  const isRest = and(eq(payment.provider, "manual"), gt(payment.captured, 0), gt(payment.held, 0));
  const rows = await deps.db
    .select({ paymentId: payment.id, key: payment.key })
    .from(payment)
    .where(and(eq(payment.orderId, orderId), isRest));
  for (const { paymentId, key } of rows) {
    await perform(deps, {
      verb: createVoidAuthorization(deps),
      context: (base: VerbContext) => base,
      input: { orderId, keys: [key], keepsCaptured: true },
      settled: (context) => deps.onPaymentEvent({ ...context, orderId, paymentId, told: [], ended: [] }),
    });
  }
}

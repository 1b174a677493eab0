import {
  assertChargeable,
  assertCurrency,
  type Instant,
  idSchema,
  type Money,
  money,
  moneySchema,
  type PaymentId,
  pageQuerySchema,
  problem,
  toTimestamp,
} from "@stoa/kernel";
import { eq } from "drizzle-orm";
import { z } from "zod";
import { transact } from "../../platform/db/index.ts";
import { describeActor, router, staffProcedure } from "../../platform/rpc/index.ts";
import { announceNews } from "./announce-news.ts";
import { applyProviderEvent } from "./apply-event.ts";
import type { PaymentEventDeps, VerbContext } from "./attempt.ts";
import { auditAsked, auditPayment, type StaffContext } from "./audit-payment.ts";
import { createCaptureDue } from "./capture-due.ts";
import { listDisputes, submitEvidence } from "./disputes.ts";
import { providerNames } from "./payment.ts";
import { paymentOfOrder } from "./payment-of-order.ts";
import { perform } from "./perform.ts";
import { createRefundOrder } from "./refund-order.ts";
import { leftToRefund, refundOfCause } from "./refund-request.ts";
import { newsOfRefund, STAFF_CAUSE } from "./refunds-by-hand.ts";
import { payment, providerEvent } from "./tables.ts";
import { trialBalance } from "./trial-balance.ts";
import { createVoidAuthorization } from "./void-authorization.ts";

const EVIDENCE_LENGTH_MAX = 20_000;

const orderId = idSchema("ord");
/** Left out, all that is left. */
const amount = moneySchema
  .refine((value) => value.amount > 0, { path: ["amount"], message: "must be more than 0" })
  .optional();
const KEY_LENGTH_MAX = 100;
/** Names the act for good: the same key again is the same act. Left out, the header `idempotency-key` does. */
const key = z.string().min(1).max(KEY_LENGTH_MAX).optional();

/** For the dashboard: taking money in parts, giving it back, letting it go, disputes, the inbox and the books. */
export function createPaymentDeskRouter(deps: PaymentEventDeps) {
  return router({
    captureOrder: staffProcedure("orders:write")
      .input(z.strictObject({ orderId, amount, key }))
      .mutation(async ({ ctx, input }) => told(await capture(deps, ctx, named(ctx, input)))),
    refund: staffProcedure("payments:refund")
      .input(z.strictObject({ orderId, amount, key, reason: z.string().trim().min(1).max(500) }))
      .mutation(async ({ ctx, input }) => told(await refund(deps, ctx, named(ctx, input)))),
    void: staffProcedure("orders:write")
      .input(z.strictObject({ id: idSchema("pay") }))
      .mutation(({ ctx, input }) => letGo(deps, ctx, input.id)),
    disputes: staffProcedure("payments:read")
      .input(
        z.strictObject({
          ...pageQuerySchema.shape,
          states: z
            .array(z.enum(["opened", "evidence_sent", "won", "lost"]))
            .max(4)
            .optional(),
        }),
      )
      .query(({ input }) => listDisputes(deps.db, input)),
    submitEvidence: staffProcedure("orders:write")
      .input(
        z.strictObject({
          provider: z.enum(providerNames),
          reference: z.string().min(1).max(255),
          text: z.string().trim().min(1).max(EVIDENCE_LENGTH_MAX),
        }),
      )
      .mutation(({ ctx, input }) =>
        submitEvidence(deps, {
          ...input,
          begun: (context, paymentId) =>
            auditPayment(context, ctx, {
              action: "dispute.evidence_asked",
              paymentId,
              after: { reference: input.reference },
            }),
          settled: (context, paymentId) =>
            auditPayment(context, ctx, {
              action: "dispute.evidence_sent",
              paymentId,
              after: { reference: input.reference },
            }),
        }),
      ),
    reapplyEvent: staffProcedure("orders:write")
      .input(z.strictObject({ id: idSchema("evt") }))
      .mutation(({ ctx, input }) => reapply(deps, ctx, input.id)),
    trialBalance: staffProcedure("payments:read").query(() => trialBalance(deps.db)),
  });
}

/** Until when a pending act is left alone. */
function told<T extends { readonly until: Instant | null }>({ until, ...outcome }: T) {
  return { ...outcome, until: until && toTimestamp(until) };
}

interface Act {
  readonly orderId: z.infer<typeof orderId>;
  readonly amount?: Money | undefined;
  readonly key: string;
}

/** @throws problem `validation_failed` for an act without a key, which nobody could send again without doing it twice. */
function named<T extends { readonly key?: string | undefined }>(
  { idempotencyKey }: StaffContext,
  input: T,
): T & { readonly key: string } {
  const name = input.key ?? idempotencyKey;
  if (name !== null && name.length <= KEY_LENGTH_MAX) return { ...input, key: name };
  const message = `or the header idempotency-key: at most ${KEY_LENGTH_MAX} characters`;
  throw problem("validation_failed", { errors: [{ path: "key", message }] });
}

async function paidOrder(deps: PaymentEventDeps, { orderId, amount }: Act) {
  const paid = await paymentOfOrder(deps.db, orderId);
  if (!paid) throw problem("not_found");
  if (amount !== undefined) {
    assertCurrency(amount, paid.currency);
    assertChargeable(amount, "amount");
  }
  return paid;
}

/** A part whose hold is busy with another is begun when that one is over. */
const ROUNDS_MAX = 5;

async function capture(deps: PaymentEventDeps, ctx: StaffContext, input: Act) {
  const { paymentId } = await paidOrder(deps, input);
  const cause = `${STAFF_CAUSE}${input.orderId}/${input.key}`;
  const asked = { amount: input.amount ?? "rest", key: input.key };
  const once = () =>
    perform(deps, {
      verb: createCaptureDue(deps),
      context: (base: VerbContext) => base,
      input: {
        orderId: input.orderId,
        amount: input.amount ?? ("rest" as const),
        cause,
        byStaff: true,
        by: describeActor(ctx.actor),
      },
      begun: (context) =>
        auditAsked(context, ctx, {
          action: "payment.capture_asked",
          paymentId,
          after: asked,
          cause: `capture/${cause}`,
        }),
      settled: async (context, outcome) => {
        const { ended } = outcome;
        await deps.onPaymentEvent({ ...context, orderId: input.orderId, paymentId, told: [], ended });
        await auditPayment(context, ctx, { action: "payment.captured", paymentId, after: outcome });
      },
    });
  let outcome = await once();
  for (let round = 1; outcome.kind === "pending" && round < ROUNDS_MAX; round += 1) {
    if ((outcome.until ?? 0) > deps.clock.now()) break;
    outcome = await once();
  }
  return outcome;
}

async function refund(deps: PaymentEventDeps, ctx: StaffContext, input: Act & { readonly reason: string }) {
  const { currency, paymentId } = await paidOrder(deps, input);
  const cause = `${STAFF_CAUSE}${input.orderId}/${input.key}`;
  const asked = await refundOfCause(deps.db, cause);
  // What gift cards paid is among it, and what is about to go back is not.
  const left = asked?.amount ?? (await transact(deps.db, (tx) => leftToRefund(tx, input.orderId)));
  if (left === 0)
    throw problem("state_conflict", { detail: "Nothing is left of this order that could be given back." });
  const amount = input.amount ?? money(left, currency);
  return perform(deps, {
    verb: createRefundOrder(deps),
    context: (base) => base,
    input: {
      orderId: input.orderId,
      amount,
      reason: input.reason,
      cause,
      by: describeActor(ctx.actor),
    },
    begun: (context) =>
      auditAsked(context, ctx, {
        ...{ action: "payment.refund_asked", paymentId, cause: `refund/${cause}` },
        after: { amount, key: input.key, reason: input.reason },
      }),
    settled: async (context, outcome) => {
      const told = newsOfRefund(outcome);
      await deps.onPaymentEvent({ ...context, orderId: input.orderId, paymentId, told, ended: [] });
      await auditPayment(context, ctx, {
        action: "payment.refunded",
        paymentId,
        after: { ...outcome, reason: input.reason },
      });
    },
  });
}

/** Lets go of what one payment holds; what has been taken of it stays taken. */
async function letGo(deps: PaymentEventDeps, ctx: StaffContext, paymentId: PaymentId) {
  const [row] = await deps.db.select().from(payment).where(eq(payment.id, paymentId));
  if (!row) throw problem("not_found");
  if (row.held === 0) throw problem("state_conflict", { detail: "This payment holds nothing." });
  return perform(deps, {
    verb: createVoidAuthorization(deps),
    context: (base) => base,
    input: { orderId: row.orderId, keys: [row.key], keepsCaptured: true, by: describeActor(ctx.actor) },
    begun: (context) => auditPayment(context, ctx, { action: "payment.void_asked", paymentId, after: {} }),
    settled: async (context, outcome) => {
      await announceNews(deps, context, row, { ended: outcome.ended });
      await auditPayment(context, ctx, { action: "payment.voided", paymentId, after: outcome });
    },
  });
}

/** Applies an event anew that could not be placed or was laid aside; one that has been applied tells nothing new. */
async function reapply(deps: PaymentEventDeps, ctx: StaffContext, id: (typeof providerEvent.$inferSelect)["id"]) {
  await transact(deps.db, async (tx) => {
    const now = deps.clock.now();
    const [row] = await tx
      .update(providerEvent)
      .set({ appliedAt: null, retryAt: now })
      .where(eq(providerEvent.id, id))
      .returning();
    if (!row) throw problem("not_found");
    const after = { eventId: row.eventId, result: row.result };
    await auditPayment({ tx, now }, ctx, { action: "provider_event.reapplied", paymentId: row.paymentId, after });
  });
  return { result: await applyProviderEvent(deps, id) };
}

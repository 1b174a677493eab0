import {
  type CustomerId,
  type Instant,
  type Money,
  newId,
  type OrderId,
  type PaymentId,
  type PaymentRequestId,
} from "@stoa/kernel";
import type { NextAction } from "@stoa/read-models";
import { eq } from "drizzle-orm";
import {
  attemptOf,
  checkPaymentChoice,
  type KeyedContext,
  type PaymentsDeps,
  providerOf,
  type RemoteVerb,
} from "./attempt.ts";
import { isForWholeAmount, type ProviderName } from "./payment.ts";
import { AttemptDeclined, type PaymentMethodChoice, type ProviderAttempt } from "./providers/provider.ts";
import { nothingHeld, type ProviderReport } from "./providers/provider-report.ts";
import { readFacts } from "./read-facts.ts";
import { type PaymentRow, recordNews } from "./record-news.ts";
import { chosenMethod } from "./saved/chosen-method.ts";
import { ensureProviderCustomer } from "./saved/provider-customer.ts";
import { keepReported } from "./saved/saved-methods.ts";
import { payment } from "./tables.ts";
import { beginAttempt, setReference } from "./write-attempt.ts";

export interface AuthorizePayment {
  readonly orderId: OrderId;
  /** What the order costs; exactly this is held, or nothing. */
  readonly amount: Money;
  readonly method: PaymentMethodChoice;
  readonly customer?: { readonly customerId: CustomerId } | undefined;
  /** The request that it pays, when it was not checkout that asked. */
  readonly requestId?: PaymentRequestId | undefined;
}

export interface PreparedAuthorization {
  readonly provider: ProviderName;
  readonly attempt: ProviderAttempt;
  readonly expiresAt: Instant;
  /** Somebody has asked to let go of this attempt, so nothing may be charged on it any more. */
  readonly isReleased: boolean;
}

/** How an authorisation stands. `until` says when to call again at the latest; a provider event may come sooner. */
export type Authorization =
  | { readonly kind: "authorized"; readonly paymentId: PaymentId; readonly isCaptured: boolean }
  | {
      readonly kind: "requires_action";
      readonly paymentId: PaymentId;
      readonly nextAction: NextAction;
      readonly until: Instant;
    }
  | { readonly kind: "pending"; readonly paymentId: PaymentId; readonly until: Instant }
  | { readonly kind: "declined"; readonly paymentId: PaymentId; readonly declineCode: string };

export interface AuthorizeContext extends KeyedContext {
  /** When the order has to be paid; null for half an hour from now. */
  readonly deadlineAt: Instant | null;
}

export type AuthorizeVerb = RemoteVerb<
  AuthorizeContext,
  AuthorizePayment,
  PreparedAuthorization,
  ProviderReport,
  Authorization
>;

/** Nobody refused it: the shopper did not come back in time. */
const PAYMENT_EXPIRED = "payment_expired";

/** What a refusal of an order or a payment says of an attempt that came to nothing. */
export const declinedWith = (declineCode: string) => ({
  detail: declineCode === PAYMENT_EXPIRED ? "It was not paid in time." : "The payment was declined.",
  declineCode,
});

const DEADLINE_MS = 30 * 60 * 1_000;
const POLL_FIRST_MS = 15_000;
const POLL_MAX_MS = 120_000;

/**
 * Holds an order's money. The attempt and its key are committed before the provider hears of it, its id at the provider before
 * anything can be charged; called again after a wait or an unknown outcome it looks first and never charges twice.
 * A declined attempt is closed at the provider before it is reported.
 */
export function createAuthorizePayment(deps: PaymentsDeps): AuthorizeVerb {
  return {
    prepare: (context, input) => prepare(deps, context, input),
    call: (prepared) => call(deps, prepared),
    async settle({ tx, now }, prepared, report) {
      const { facts, open, nextAction, reference, isClosed } = report;
      const news = { facts, open, nextAction, reference, isClosed, endsCall: true };
      await deps.lockOrder(tx, prepared.attempt.orderId);
      const recorded = await recordNews({ tx, now }, prepared.attempt.paymentId, news);
      const authorization = authorizationOf(recorded.payment, now);
      const { method } = report;
      if (authorization.kind === "authorized" && method) await keepReported({ tx, now }, recorded.payment, method);
      return authorization;
    },
  };
}

async function prepare(
  deps: PaymentsDeps,
  { tx, now, key, deadlineAt }: AuthorizeContext,
  { orderId, amount, method, customer, requestId }: AuthorizePayment,
): Promise<PreparedAuthorization> {
  await checkPaymentChoice(deps, tx, method, amount);
  const customerId = customer?.customerId ?? null;
  const chosen = await chosenMethod(deps, tx, method, customerId);
  const [row] = await beginAttempt(tx, {
    id: newId("pay"),
    orderId,
    key,
    provider: method.provider,
    ...chosen,
    returnUrl: method.returnUrl ?? null,
    customerId,
    requestId: requestId ?? null,
    currency: amount.currency,
    amount: amount.amount,
    expiresAt: deadlineAt ?? ((now + DEADLINE_MS) as Instant),
    createdAt: now,
  });
  if (!row) throw new Error(`no payment under ${key}`);
  return {
    provider: row.provider,
    attempt: attemptOf(row, row.tries === 1 ? [] : await readFacts(tx, row.id)),
    expiresAt: row.expiresAt,
    isReleased: row.releaseRequestedAt !== null,
  };
}

async function call(deps: PaymentsDeps, prepared: PreparedAuthorization): Promise<ProviderReport> {
  const { provider: name, attempt, expiresAt, isReleased } = prepared;
  const provider = providerOf(deps, { provider: name, amount: attempt.amount.amount });
  if (isReleased) return provider.void(attempt);
  try {
    let known = await knownToProvider(deps, prepared);
    let report: ProviderReport | null = null;
    if (!attempt.reference && provider.prepareAttempt) {
      const made = await provider.prepareAttempt(known);
      known = { ...known, reference: made.reference };
      report = made.report;
      await storeReference(deps, known);
    }
    report ??= await provider.authorize(known);
    const mismatch = report.facts.find((fact) => !isForWholeAmount(fact, attempt.amount));
    if (mismatch) {
      const { reference } = mismatch;
      const closed = await provider.void(known);
      const failed = { type: "failed", reference, amount: null, declineCode: "amount_mismatch" } as const;
      return { ...closed, facts: [...closed.facts, failed] };
    }
    const isOverdue = report.facts.length === 0 && deps.clock.now() >= expiresAt;
    // Closed at the provider first: if the shopper has paid in this very moment, the report says so, and the order goes on.
    return isOverdue ? provider.void(known) : report;
  } catch (error) {
    if (!(error instanceof AttemptDeclined)) throw error;
    const { declineCode } = error;
    const failed = { type: "failed", reference: attempt.paymentId, amount: null, declineCode } as const;
    return { ...nothingHeld(attempt), facts: [failed] };
  }
}

/** Where the means are to be kept, the provider has to know whose they are; what it calls them is on record before it is used. */
async function knownToProvider(deps: PaymentsDeps, prepared: PreparedAuthorization): Promise<ProviderAttempt> {
  const { provider, attempt } = prepared;
  const { customerId, paymentId } = attempt;
  if (!attempt.savesMethod || attempt.customerReference !== null || attempt.reference !== null) return attempt;
  if (customerId === null || attempt.amount.amount === 0) return attempt;
  const customerReference = await ensureProviderCustomer(deps, { customerId, provider });
  if (customerReference === null) return attempt;
  await deps.db.update(payment).set({ providerCustomer: customerReference }).where(eq(payment.id, paymentId));
  return { ...attempt, customerReference };
}

/** From here on the attempt can be found by its id. Refused when somebody has asked to let go of it meanwhile. */
async function storeReference({ db }: PaymentsDeps, { paymentId, reference }: ProviderAttempt): Promise<void> {
  const stored = await setReference(db, { id: paymentId, reference });
  if (stored.length === 0) throw new Error(`payment ${paymentId} was released or belongs to another call`);
}

function authorizationOf(row: PaymentRow, now: Instant): Authorization {
  const paymentId = row.id;
  const poll = Math.min(POLL_MAX_MS, POLL_FIRST_MS * 2 ** Math.min(row.tries - 1, 10));
  const until = (now < row.expiresAt ? Math.min(row.expiresAt, now + poll) : now + poll) as Instant;
  switch (row.state) {
    case "authorized":
    case "captured":
      // A capture of less than the whole, made at the provider's own desk, does not pay the order.
      if (row.authorized < row.amount) return { kind: "pending", paymentId, until };
      return { kind: "authorized", paymentId, isCaptured: row.state === "captured" };
    case "requires_action":
      if (row.nextAction) return { kind: "requires_action", paymentId, nextAction: row.nextAction, until };
      return { kind: "pending", paymentId, until };
    case "pending":
    case "processing":
      return { kind: "pending", paymentId, until };
    case "failed":
      return { kind: "declined", paymentId, declineCode: row.declineCode ?? "generic_decline" };
    case "cancelled":
    case "voided":
    case "expired":
      return { kind: "declined", paymentId, declineCode: PAYMENT_EXPIRED };
  }
}

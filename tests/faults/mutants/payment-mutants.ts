import type { Mutant } from "./mutant.ts";

const payments = "apps/core/src/services/payments";
const intents = `${payments}/providers/stripe-intents.ts`;
const keyTests = [`${payments}/stripe-keys.test.ts`];
const stripeTests = [`${payments}/stripe.test.ts`, `${payments}/contract.test.ts`];
const stateTests = [`${payments}/payment.property.test.ts`, `${payments}/provider-events.test.ts`];

/** Keys, unknown outcomes, amounts and refunds. */
export const paymentMutants: readonly Mutant[] = [
  {
    name: "random-provider-key",
    what: "a repeated call makes a second payment intent",
    file: intents,
    from: "`${attempt.key}/create`",
    to: "`${attempt.key}/create/${Math.random()}`",
    tests: keyTests,
  },
  {
    name: "random-refund-key",
    what: "a repeated refund pays twice",
    file: intents,
    from: "const key = `${order.refundId}/create`;",
    to: "const key = `${order.refundId}/create/${Math.random()}`;",
    tests: keyTests,
  },
  {
    name: "unknown-is-nothing",
    what: "an attempt whose answer was lost is taken for one that never was",
    file: intents,
    from: "return await this.create(attempt);",
    to: "return attempt.tries < 0 ? await this.create(attempt) : null;",
    tests: keyTests,
  },
  {
    name: "time-out-is-a-decline",
    what: "an order is refused because an answer was lost, and its money stays held",
    file: `${payments}/providers/stripe-client.ts`,
    from: "status === null || status >= 500 ||",
    to: "(status !== null && status >= 500) ||",
    tests: keyTests,
  },
  {
    name: "server-error-is-a-decline",
    what: "a 500 of the provider counts as its word",
    file: `${payments}/providers/stripe-client.ts`,
    from: "status === null || status >= 500 || status === 409 || status === 429",
    to: "status === null",
    tests: keyTests,
  },
  {
    name: "confirmed-blindly",
    what: "a second try charges without looking whether the first one did",
    file: intents,
    from: "const known = attempt.tries === 1 ? null : await this.find(attempt);",
    to: "const known = null as StripeIntent | null;",
    equivalent: "Stripe confirms an intent once, and when it refuses, what the intent says now decides",
  },
  {
    name: "declined-left-open",
    what: "a declined intent can be confirmed by whoever holds its secret",
    file: intents,
    from: "if (!isDeclined) return report;",
    to: "if (isDeclined || !isDeclined) return report;",
    tests: stripeTests,
  },
  {
    name: "reference-not-stored",
    what: "an attempt is confirmed before its id is on record",
    file: `${payments}/authorize-payment.ts`,
    from: "await storeReference(deps, known);",
    to: "",
    equivalent: "the intent is found again by its deterministic key, and nothing is confirmed before it is known",
  },
  {
    name: "release-not-noticed",
    what: "a call that is under way charges although the order has been let go of",
    file: `${payments}/write-attempt.ts`,
    from: "          isNull(payment.releaseRequestedAt),\n",
    to: "",
    equivalent: "the release has closed the intent at Stripe, which confirms no closed one",
  },
  {
    name: "amount-not-compared",
    what: "whatever the provider holds counts as the order's total",
    file: `${payments}/payment.ts`,
    from: "return fact.amount?.amount === expected.amount && fact.amount.currency === expected.currency;",
    to: "return fact.amount?.amount !== null && expected !== null;",
    tests: stateTests,
  },
  {
    name: "void-beats-capture",
    what: "news of a release hide that the money was taken",
    file: `${payments}/payment.ts`,
    from: '  if (has("captured")) return "captured";\n',
    to: '  if (has("captured") && !has("voided")) return "captured";\n',
    tests: stateTests,
  },
  {
    name: "failed-refund-counts",
    what: "a refund that failed counts as money given back",
    file: `${payments}/payment.ts`,
    from: 'fact.type === "refunded" && !failedRefunds.has(fact.reference)',
    to: 'fact.type === "refunded"',
    tests: [`${payments}/standing.test.ts`],
  },
  {
    name: "refund-unguarded",
    what: "two refunds at once give back more than was taken",
    file: `${payments}/start-refund.ts`,
    from: "        sql`${payment.refundHeld} + ${payment.credited} + ${amount.amount} <= ${payment.captured}`,\n",
    to: "",
    equivalent: "the check on the table (payment_refund_held) refuses the same write",
  },
  {
    name: "captured-not-refunded",
    what: "what was captured while its order was cancelled is kept",
    file: `${payments}/void-authorization.ts`,
    from: "if (keepsCaptured || !isTaken) return { paymentId, report, refunds: [] };",
    to: "if (keepsCaptured || isTaken || !isTaken) return { paymentId, report, refunds: [] };",
    tests: ["apps/core/src/services/orders/place-order.saga.test.ts"],
  },
  {
    name: "news-without-lock",
    what: "two pieces of news at once overwrite each other",
    file: `${payments}/record-news.ts`,
    from: '    .where(eq(payment.id, value("id", payment.id)))\n    .for("update"),',
    to: '    .where(eq(payment.id, value("id", payment.id))),',
    tests: stateTests,
  },
  {
    name: "fact-told-twice",
    what: "news that come again are booked again",
    file: `${payments}/record-news.ts`,
    from: "const isNew = !seen.has(identityOf(fact));",
    to: "const isNew = identityOf(fact) !== null;",
    tests: stateTests,
  },
];

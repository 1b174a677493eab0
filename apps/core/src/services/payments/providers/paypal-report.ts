import { type Instant, money } from "@stoa/kernel";
import type { NextAction } from "@stoa/read-models";
import { z } from "zod";
import type { PaymentFact } from "../payment.ts";
import { fromPaypalAmount } from "./paypal-amount.ts";
import { keptWallet, paymentSourceSchema } from "./paypal-wallets.ts";
import { nothingYet, type ProviderReport } from "./provider-report.ts";

const amountSchema = z.object({ currency_code: z.string(), value: z.string() });

const relatedSchema = z
  .object({
    related_ids: z.object({ order_id: z.string().optional(), authorization_id: z.string().optional() }).optional(),
  })
  .optional();

const linkSchema = z.object({ rel: z.string(), href: z.string() });

export const authorizationSchema = z.object({
  id: z.string(),
  status: z.string(),
  amount: amountSchema,
  custom_id: z.string().optional(),
  create_time: z.string().optional(),
  expiration_time: z.string().optional(),
  supplementary_data: relatedSchema,
});
export type PaypalAuthorization = z.infer<typeof authorizationSchema>;

export const captureSchema = z.object({
  id: z.string(),
  status: z.string(),
  amount: amountSchema,
  custom_id: z.string().optional(),
  supplementary_data: relatedSchema,
});
export type PaypalCapture = z.infer<typeof captureSchema>;

export const refundSchema = z.object({
  id: z.string(),
  status: z.string(),
  amount: amountSchema.optional(),
  custom_id: z.string().optional(),
  links: z.array(linkSchema).default([]),
});
export type PaypalRefund = z.infer<typeof refundSchema>;

/** What we rely on in an order, whether it comes as an answer or inside an event. */
export const orderSchema = z.object({
  id: z.string(),
  status: z.string(),
  purchase_units: z
    .array(
      z.object({
        custom_id: z.string().optional(),
        payments: z
          .object({
            authorizations: z.array(authorizationSchema).default([]),
            captures: z.array(captureSchema).default([]),
            refunds: z.array(refundSchema).default([]),
          })
          .optional(),
      }),
    )
    .default([]),
  payment_source: paymentSourceSchema.nullish(),
  links: z.array(linkSchema).default([]),
});
export type PaypalOrder = z.infer<typeof orderSchema>;

export const authorizationsOf = (order: PaypalOrder) =>
  order.purchase_units.flatMap((unit) => unit.payments?.authorizations ?? []);
export const capturesOf = (order: PaypalOrder) => order.purchase_units.flatMap((unit) => unit.payments?.captures ?? []);

/** What an order says about its attempt. */
export function reportOf(order: PaypalOrder): ProviderReport {
  const authorizations = authorizationsOf(order);
  const captures = capturesOf(order);
  const facts = [
    ...authorizations.flatMap(authorizationFacts),
    ...captures.flatMap(captureFacts),
    ...order.purchase_units.flatMap((unit) => unit.payments?.refunds ?? []).flatMap(refundFacts),
  ];
  const isPending = authorizations.some((authorization) => authorization.status === "PENDING");
  const nextAction = facts.length === 0 && !isPending ? nextActionOf(order) : null;
  const isOver = order.status === "VOIDED";
  return {
    ...nothingYet(order.id),
    facts: [
      ...facts,
      ...authorizations.flatMap((authorization) => releaseOf(authorization, captures)),
      ...(isOver ? [{ type: "voided", reference: order.id, amount: null } as const] : []),
    ],
    open: nextAction ? "requires_action" : isPending || order.status === "APPROVED" ? "processing" : "pending",
    nextAction,
    method: keptWallet(order.payment_source),
    // A capture under review may yet take the money, so it is not over.
    isClosed: isOver || (hasEnded(authorizations) && captures.every(({ status }) => status !== "PENDING")),
  };
}

const hasEnded = (authorizations: readonly PaypalAuthorization[]) =>
  authorizations.length > 0 && authorizations.every(({ status }) => endStates.has(status));

/** Of an authorization in one of these nothing more can be captured. */
const endStates: ReadonlySet<string> = new Set(["CAPTURED", "VOIDED", "EXPIRED", "DENIED"]);

/** A last capture of less than the whole lets the rest go. */
function releaseOf(authorization: PaypalAuthorization, captures: readonly PaypalCapture[]): PaymentFact[] {
  const { id: reference, status } = authorization;
  const own = captures.filter((capture) => authorizationIdOf(capture) === reference && isTaken(capture.status));
  if (status !== "CAPTURED" || own.length === 0) return [];
  const amount = fromPaypalAmount(authorization.amount);
  const rest = amount.amount - own.reduce((sum, capture) => sum + fromPaypalAmount(capture.amount).amount, 0);
  return rest > 0 ? [{ type: "released", reference, amount: money(rest, amount.currency) }] : [];
}

const authorizationIdOf = (capture: PaypalCapture) => capture.supplementary_data?.related_ids?.authorization_id ?? null;

/** Whether a capture has been made, though the money may still be on its way. */
export const isTaken = (status: string) => status !== "DECLINED" && status !== "FAILED";

const awaitingPayer: ReadonlySet<string> = new Set(["CREATED", "SAVED", "PAYER_ACTION_REQUIRED"]);

function nextActionOf(order: PaypalOrder): NextAction | null {
  if (!awaitingPayer.has(order.status)) return null;
  const link = order.links.find(({ rel }) => rel === "payer-action" || rel === "approve");
  return link ? { type: "redirect", url: link.href } : null;
}

export function authorizationFacts(authorization: PaypalAuthorization): PaymentFact[] {
  const { id: reference, status, expiration_time: expires } = authorization;
  const until = expires ? (Date.parse(expires) as Instant) : null;
  const authorized: PaymentFact = {
    type: "authorized",
    reference,
    amount: fromPaypalAmount(authorization.amount),
    until,
  };
  switch (status) {
    case "CREATED":
    case "CAPTURED":
    case "PARTIALLY_CAPTURED":
      return [authorized];
    case "VOIDED":
      return [authorized, { type: "voided", reference, amount: null }];
    case "EXPIRED":
      return [authorized, { type: "expired", reference, amount: null }];
    case "DENIED":
      return [{ type: "failed", reference, amount: null, declineCode: "denied" }];
    default:
      return [];
  }
}

/** A capture that took place; a refund made of it later does not unmake it. */
export function captureFacts(capture: PaypalCapture): PaymentFact[] {
  if (!["COMPLETED", "PARTIALLY_REFUNDED", "REFUNDED"].includes(capture.status)) return [];
  return [{ type: "captured", reference: capture.id, amount: fromPaypalAmount(capture.amount) }];
}

/** The capture that a refund is of; it names it only by a link to it. */
export function captureIdOf(refund: PaypalRefund): string | null {
  return (
    refund.links
      .find(({ rel }) => rel === "up")
      ?.href.split("/")
      .at(-1) ?? null
  );
}

/** What a refund says; one that is under way says nothing yet. */
export function refundFacts(refund: PaypalRefund): PaymentFact[] {
  const type = { COMPLETED: "refunded", FAILED: "refund_failed", CANCELLED: "refund_failed" } as const;
  const known = Object.entries(type).find(([status]) => status === refund.status)?.[1];
  if (!known || !refund.amount) return [];
  const { id: reference, custom_id: refundId = null } = refund;
  const amount = fromPaypalAmount(refund.amount);
  return [{ type: known, reference, amount, refundId, captureReference: captureIdOf(refund) }];
}

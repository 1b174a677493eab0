import type { Instant } from "@stoa/kernel";
import type { NextAction } from "@stoa/read-models";
import { z } from "zod";
import type { PaymentFact } from "../payment.ts";
import { fromPaypalAmount } from "./paypal-amount.ts";
import { nothingYet, type ProviderReport } from "./provider.ts";

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
          })
          .optional(),
      }),
    )
    .default([]),
  links: z.array(linkSchema).default([]),
});
export type PaypalOrder = z.infer<typeof orderSchema>;

export const authorizationsOf = (order: PaypalOrder) =>
  order.purchase_units.flatMap((unit) => unit.payments?.authorizations ?? []);
export const capturesOf = (order: PaypalOrder) => order.purchase_units.flatMap((unit) => unit.payments?.captures ?? []);

/** What an order says about its attempt. */
export function reportOf(order: PaypalOrder): ProviderReport {
  const facts = [
    ...authorizationsOf(order).flatMap(authorizationFacts),
    ...capturesOf(order).flatMap((capture) => captureFacts(capture, authorizationsOf(order)[0]?.id ?? null)),
  ];
  const isPending = authorizationsOf(order).some((authorization) => authorization.status === "PENDING");
  const nextAction = facts.length === 0 && !isPending ? nextActionOf(order) : null;
  return {
    ...nothingYet(order.id),
    facts: order.status === "VOIDED" ? [...facts, { type: "voided", reference: order.id, amount: null }] : facts,
    open: nextAction ? "requires_action" : isPending || order.status === "APPROVED" ? "processing" : "pending",
    nextAction,
    isClosed: order.status === "VOIDED" || facts.some((fact) => fact.type !== "authorized"),
  };
}

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
export function captureFacts(capture: PaypalCapture, authorizationId: string | null): PaymentFact[] {
  if (!["COMPLETED", "PARTIALLY_REFUNDED", "REFUNDED"].includes(capture.status)) return [];
  const amount = fromPaypalAmount(capture.amount);
  const held = authorizationId ?? capture.supplementary_data?.related_ids?.authorization_id;
  const authorized: PaymentFact[] = held ? [{ type: "authorized", reference: held, amount }] : [];
  return [...authorized, { type: "captured", reference: capture.id, amount }];
}

import type { Instant } from "@stoa/kernel";
import { z } from "zod";
import { reversalFacts } from "../dispute-facts.ts";
import type { PaymentFact } from "../payment.ts";
import { fromPaypalAmount } from "./paypal-amount.ts";
import {
  authorizationFacts,
  authorizationSchema,
  captureFacts,
  captureIdOf,
  captureSchema,
  orderSchema,
  refundFacts,
  refundSchema,
  reportOf,
} from "./paypal-report.ts";
import { paymentTokenSchema, walletOfToken } from "./paypal-wallets.ts";
import type { EventIdentity, ParsedEvent } from "./provider-event.ts";

const eventSchema = z.object({
  id: z.string().min(1).max(255),
  event_type: z.string().min(1).max(255),
  resource: z.record(z.string(), z.unknown()),
});

const disputeSchema = z.object({
  dispute_id: z.string(),
  reason: z.string().default("unknown"),
  dispute_amount: z.object({ currency_code: z.string(), value: z.string() }),
  disputed_transactions: z.array(z.object({ seller_transaction_id: z.string().optional() })).default([]),
  seller_response_due_date: z.string().optional(),
  status: z.string().optional(),
  update_time: z.string().optional(),
  dispute_outcome: z.object({ outcome_code: z.string().optional() }).optional(),
});

/** Told as the refund that PayPal has made of a capture, or as the capture itself. */
const reversalSchema = z.object({
  id: z.string(),
  amount: z.object({ currency_code: z.string(), value: z.string() }),
  create_time: z.string().optional(),
  update_time: z.string().optional(),
  links: z.array(z.object({ rel: z.string(), href: z.string() })).default([]),
});

const UNDECIDED = "NONE";
/** Outcomes after which the buyer has the money; after every other one the shop has it. */
const lostOutcomes: ReadonlySet<string> = new Set(["RESOLVED_BUYER_FAVOUR", "ACCEPTED"]);

export function identifyPaypalEvent(rawBody: string): EventIdentity {
  const { id: eventId, event_type: type } = eventSchema.parse(JSON.parse(rawBody));
  return { eventId, type };
}

/** Reads a PayPal event; its snapshot of the resource tells facts, never orders. */
export function parsePaypalEvent(rawBody: string): ParsedEvent {
  const { event_type: type, resource } = eventSchema.parse(JSON.parse(rawBody));
  if (type.startsWith("CHECKOUT.ORDER.")) return tellOrder(resource);
  if (type.startsWith("PAYMENT.AUTHORIZATION.")) return tellAuthorization(resource);
  if (type === "PAYMENT.CAPTURE.REFUNDED" || type.startsWith("PAYMENT.REFUND.")) return tellRefund(resource);
  if (type === "PAYMENT.CAPTURE.REVERSED") return tellReversal(resource);
  if (type.startsWith("PAYMENT.CAPTURE.")) return tellCapture(resource);
  if (type.startsWith("CUSTOMER.DISPUTE.")) return tellDispute(resource);
  if (type.startsWith("VAULT.PAYMENT-TOKEN.")) return tellToken(type, resource);
  return { about: null, facts: [] };
}

/** A wallet that was kept some time after it paid, or that its owner has taken back at PayPal. */
function tellToken(type: string, resource: unknown): ParsedEvent {
  if (type.endsWith(".DELETED")) {
    return { about: null, facts: [], removedMethod: z.object({ id: z.string() }).parse(resource).id };
  }
  const token = paymentTokenSchema.safeParse(resource);
  const reference = token.data?.metadata?.order_id;
  if (!token.success || reference === undefined || !type.endsWith(".CREATED")) return { about: null, facts: [] };
  return { about: { paymentId: null, reference }, facts: [], method: walletOfToken(token.data) };
}

function tellOrder(resource: unknown): ParsedEvent {
  const order = orderSchema.parse(resource);
  const about = { paymentId: order.purchase_units[0]?.custom_id ?? null, reference: order.id };
  return { about, facts: reportOf(order).facts };
}

function tellAuthorization(resource: unknown): ParsedEvent {
  const authorization = authorizationSchema.parse(resource);
  const { custom_id: paymentId = null, supplementary_data: data, id: factReference } = authorization;
  const about = { paymentId, reference: data?.related_ids?.order_id ?? null, factReference };
  return { about, facts: authorizationFacts(authorization) };
}

function tellCapture(resource: unknown): ParsedEvent {
  const capture = captureSchema.parse(resource);
  const { custom_id: paymentId = null, supplementary_data: data } = capture;
  const factReference = data?.related_ids?.authorization_id ?? capture.id;
  const about = { paymentId, reference: data?.related_ids?.order_id ?? null, factReference };
  return { about, facts: captureFacts(capture) };
}

function tellRefund(resource: unknown): ParsedEvent {
  const refund = refundSchema.parse(resource);
  const about = { paymentId: null, reference: null, factReference: captureIdOf(refund) };
  return { about, facts: refundFacts(refund) };
}

/** The money has been taken back, of a dispute or without one: which, the payment's other facts tell. */
function tellReversal(resource: unknown): ParsedEvent {
  const { id: reference, amount: told, links, ...times } = reversalSchema.parse(resource);
  const capture = links
    .find(({ rel, href }) => rel === "up" && href.includes("/captures/"))
    ?.href.split("/")
    .at(-1);
  const captureReference = capture ?? reference;
  const amount = fromPaypalAmount({ ...told, value: told.value.replace(/^-/, "") });
  const about = { paymentId: null, reference: null, factReference: captureReference };
  // A capture was made long before.
  const at = instantOf(capture ? times.create_time : times.update_time);
  return { about, facts: reversalFacts({ reference, amount, captureReference, at }) };
}

function tellDispute(resource: unknown): ParsedEvent {
  const { facts, capture: factReference } = disputeFacts(resource);
  return { about: { paymentId: null, reference: null, factReference }, facts };
}

/** What a dispute says, whether it comes as an answer or inside an event, and which capture it is over. */
export function disputeFacts(resource: unknown): {
  readonly facts: readonly PaymentFact[];
  readonly capture: string | null;
} {
  const dispute = disputeSchema.parse(resource);
  const { dispute_id: reference, reason } = dispute;
  const capture = dispute.disputed_transactions[0]?.seller_transaction_id ?? null;
  const amount = fromPaypalAmount(dispute.dispute_amount);
  const fact = { reference, amount, reason, captureReference: capture };
  const until = instantOf(dispute.seller_response_due_date);
  const facts: PaymentFact[] = [{ type: "disputed", ...fact, until }];
  const outcome = dispute.dispute_outcome?.outcome_code;
  if (dispute.status === "UNDER_REVIEW") facts.push({ type: "dispute_answered", ...fact });
  // An appeal takes it up once more, and its end is told by the same name.
  if (outcome && outcome !== UNDECIDED) {
    const at = instantOf(dispute.update_time);
    facts.push({ type: lostOutcomes.has(outcome) ? "dispute_lost" : "dispute_won", ...fact, at });
  }
  return { facts, capture };
}

function instantOf(time: string | undefined): Instant | null {
  const at = Date.parse(time ?? "");
  return Number.isNaN(at) ? null : (at as Instant);
}

import { z } from "zod";
import type { StoredRecord } from "../stand-in/record-store.ts";
import { bookMovement } from "./balance-transactions.ts";
import { type TestCard, testCards } from "./cards.ts";
import { noSuch } from "./errors.ts";
import { announce } from "./events.ts";
import { listPage } from "./lists.ts";
import type { ApiList, Charge, PaymentIntent, PaymentMethod } from "./objects.ts";
import { openDispute } from "./open-dispute.ts";
import { listParameters, text } from "./parameters.ts";
import { type MethodSecrets, newId, type StoredCharge, type StoredIntent, seconds, type Turn } from "./turn.ts";

/** Card networks keep an uncaptured authorisation for seven days. */
export const HOLD_MS = 7 * 24 * 60 * 60 * 1000;

export const chargeListSchema = z.strictObject({
  ...listParameters,
  customer: text.optional(),
  payment_intent: text.optional(),
});

export function retrieveCharge(turn: Turn, id: string): Charge {
  return findCharge(turn, id).view;
}

export function listCharges(turn: Turn, params: z.infer<typeof chargeListSchema>): ApiList<Charge> {
  return listPage(turn.charges, params, {
    url: "/v1/charges",
    parent: params.payment_intent,
    keeps: (charge) => params.customer === undefined || charge.customer === params.customer,
  });
}

export function findCharge(turn: Turn, id: string, param = "id"): StoredCharge {
  const charge = turn.charges.find(id);
  if (charge === null) throw noSuch("charge", id, param);
  return charge;
}

/** A charge that went through: captured at once, or held for seven days when the intent's capture is manual. */
export function authorizeCharge(
  turn: Turn,
  intent: StoredIntent,
  method: StoredRecord<PaymentMethod, MethodSecrets> & { readonly card: TestCard },
): void {
  const { view } = intent;
  const captured = view.capture_method !== "manual";
  const charge: StoredCharge = {
    view: newCharge(turn, intent, method.view, { captured, failure: null }),
    hidden: { testCard: method.hidden.testCard, refunded: 0 },
  };
  if (captured) charge.view.balance_transaction = bookCapture(turn, charge.view, view.amount);
  turn.charges.insert(charge, { parent: view.id });
  view.latest_charge = charge.view.id;
  view.status = captured ? "succeeded" : "requires_capture";
  view.amount_capturable = captured ? 0 : view.amount;
  view.amount_received = captured ? view.amount : 0;
  turn.intents.save(intent);
  announce(turn, "charge.succeeded", charge.view);
  if (captured) {
    announce(turn, "payment_intent.succeeded", view);
    disputeIfAsked(turn, charge);
  } else {
    turn.intents.wakeAt(view.id, turn.nowMs + HOLD_MS);
    announce(turn, "payment_intent.amount_capturable_updated", view);
  }
}

/** The statement's line for what was captured just now. */
export function bookCapture(turn: Turn, { id: source, currency }: Charge, amount: number): string {
  return bookMovement(turn, { type: "charge", source, amount, currency });
}

/** A charge that the issuer declined. The intent points at it, as Stripe's does. */
export function failedCharge(
  turn: Turn,
  intent: StoredIntent,
  method: PaymentMethod,
  failure: { readonly code: string; readonly declineCode: string; readonly message: string },
): Charge {
  const view = newCharge(turn, intent, method, { captured: false, failure });
  turn.charges.insert({ view, hidden: { testCard: "", refunded: 0 } }, { parent: intent.view.id });
  intent.view.latest_charge = view.id;
  announce(turn, "charge.failed", view);
  return view;
}

/** The test card for disputes has its charge disputed as soon as the money has moved. */
export function disputeIfAsked(turn: Turn, charge: StoredCharge): void {
  const reason = testCards[charge.hidden.testCard]?.dispute;
  if (reason !== undefined) openDispute(turn, charge, reason);
}

interface ChargeOutcome {
  readonly captured: boolean;
  readonly failure: { readonly code: string; readonly declineCode: string; readonly message: string } | null;
}

function newCharge(turn: Turn, intent: StoredIntent, method: PaymentMethod, outcome: ChargeOutcome): Charge {
  const { view } = intent;
  const { captured, failure } = outcome;
  const held = !captured && failure === null;
  return {
    id: newId("ch"),
    object: "charge",
    amount: view.amount,
    amount_captured: captured ? view.amount : 0,
    amount_refunded: 0,
    balance_transaction: null,
    billing_details: method.billing_details,
    captured,
    created: seconds(turn),
    currency: view.currency,
    customer: view.customer,
    description: view.description,
    disputed: false,
    failure_code: failure?.code ?? null,
    failure_message: failure?.message ?? null,
    livemode: false,
    metadata: view.metadata,
    outcome: {
      network_status: failure === null ? "approved_by_network" : "declined_by_network",
      reason: failure?.declineCode ?? null,
      risk_level: "normal",
      seller_message: failure === null ? "Payment complete." : "The bank declined the payment.",
      type: failure === null ? "authorized" : "issuer_declined",
    },
    paid: failure === null,
    payment_intent: view.id,
    payment_method: method.id,
    payment_method_details: {
      type: "card",
      card: {
        ...method.card,
        ...(held ? { capture_before: seconds(turn) + HOLD_MS / 1000, ...multicaptureOf(view, method) } : {}),
      },
    },
    receipt_email: view.receipt_email,
    refunded: false,
    shipping: view.shipping,
    status: failure === null ? "succeeded" : "failed",
  };
}

/** Networks whose cards may be captured several times. Source: https://docs.stripe.com/payments/multicapture */
const multicaptureBrands: ReadonlySet<string> = new Set(["amex", "discover", "mastercard", "visa"]);

function multicaptureOf(intent: PaymentIntent, method: PaymentMethod) {
  const asked = z.object({ card: z.object({ request_multicapture: z.literal("if_available") }) });
  if (!asked.safeParse(intent.payment_method_options).success) return {};
  const status = multicaptureBrands.has(method.card.brand) ? "available" : "unavailable";
  return { multicapture: { status } } as const;
}

import type { StoredRecord } from "../stand-in/record-store.ts";
import { testCards } from "./cards.ts";
import { noSuch } from "./errors.ts";
import type { PaymentMethod } from "./objects.ts";
import { type MethodSecrets, newId, seconds, type Turn } from "./turn.ts";

const CARD_VALID_YEARS = 3;

/**
 * The payment method with this id. The id of a test card makes a new payment method each time, as Stripe does.
 * @throws 404 (or 400 for a parameter) when there is neither.
 */
export function resolveMethod(
  turn: Turn,
  id: string,
  param = "payment_method",
): StoredRecord<PaymentMethod, MethodSecrets> {
  const known = turn.methods.find(id);
  if (known !== null) return known;
  if (!Object.hasOwn(testCards, id)) throw noSuch("PaymentMethod", id, param);
  const method = { view: cardMethod(turn, id), hidden: { testCard: id } };
  turn.methods.insert(method);
  return method;
}

export function retrieveMethod(turn: Turn, id: string): PaymentMethod {
  return resolveMethod(turn, id, "id").view;
}

function cardMethod(turn: Turn, testCard: string): PaymentMethod {
  const card = testCards[testCard] ?? { brand: "visa", last4: "4242" };
  return {
    id: newId("pm"),
    object: "payment_method",
    billing_details: {
      address: { city: null, country: null, line1: null, line2: null, postal_code: null, state: null },
      email: null,
      name: null,
      phone: null,
    },
    card: {
      brand: card.brand,
      checks: { address_line1_check: null, address_postal_code_check: null, cvc_check: "pass" },
      country: "US",
      exp_month: 12,
      exp_year: new Date(turn.nowMs).getUTCFullYear() + CARD_VALID_YEARS,
      fingerprint: `test${card.last4}`,
      funding: testCard.includes("debit") ? "debit" : "credit",
      last4: card.last4,
      three_d_secure_usage: { supported: true },
    },
    created: seconds(turn),
    customer: null,
    livemode: false,
    metadata: {},
    type: "card",
  };
}

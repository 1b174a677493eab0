import { expect, test } from "bun:test";
import { parsePaypalEvent } from "./paypal-event.ts";
import { disputeFacts } from "./stripe-event.ts";

const told = (status: string, moved: readonly number[]) => ({
  ...{ id: "dp_1", amount: 5_200, currency: "usd", status, payment_intent: "pi_1" },
  balance_transactions: moved.map((amount) => ({ amount })),
});

test("a dispute that was prevented takes nothing, unless the money is gone all the same", () => {
  expect(disputeFacts(told("prevented", []), null)).toEqual([]);
  expect(disputeFacts(told("prevented", [-5_200, 5_200]), null)).toEqual([]);
  expect(disputeFacts(told("prevented", [-5_200]), null).map(({ type }) => type)).toEqual(["disputed", "dispute_lost"]);
});

test("a dispute whose outcome PayPal calls none is not decided", () => {
  const resource = {
    ...{ dispute_id: "PP-D-1", dispute_amount: { currency_code: "USD", value: "52.00" }, status: "UNDER_REVIEW" },
    dispute_outcome: { outcome_code: "NONE" },
  };
  const { facts } = parsePaypalEvent(JSON.stringify({ id: "WH-1", event_type: "CUSTOMER.DISPUTE.UPDATED", resource }));
  expect(facts.map(({ type }) => type)).toEqual(["disputed", "dispute_answered"]);
});

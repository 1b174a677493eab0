import { expect, test } from "bun:test";
import { money } from "@stoa/kernel";
import { type PaymentFact, standingOf } from "./payment.ts";

const of = (type: PaymentFact["type"], reference: string, amount: number): PaymentFact => ({
  type,
  reference,
  amount: money(amount, "USD"),
});

test("a refund that failed is no money given back, whichever of its news came first", () => {
  const taken = [of("authorized", "pi_1", 5_000), of("captured", "pi_1", 5_000)];
  const refunds = [of("refunded", "re_1", 2_000), of("refunded", "re_2", 1_000), of("refund_failed", "re_1", 2_000)];
  expect(standingOf([...taken, ...refunds], "pending")).toMatchObject({ captured: 5_000, refunded: 1_000 });
  expect(standingOf([...refunds.reverse(), ...taken], "pending")).toMatchObject({ captured: 5_000, refunded: 1_000 });
});

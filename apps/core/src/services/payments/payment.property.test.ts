import { describe, expect, test } from "bun:test";
import { type Instant, mayBecome, money } from "@stoa/kernel";
import fc from "fast-check";
import { ledgerAccounts, postingsFor } from "./ledger.ts";
import { factTypes, openStates, type PaymentFact, paymentStates, standingOf } from "./payment.ts";

const amount = money(5_200, "USD");

/** Facts as providers may tell them of one payment, in any order: one hold, one capture, refunds and disputes of parts. */
const facts = fc
  .uniqueArray(
    fc.record({
      type: fc.constantFrom(...factTypes),
      part: fc.constantFrom(1, 2, 3),
      value: fc.integer({ min: 1, max: 1_000 }),
    }),
    { selector: ({ type, part }) => `${type} ${part}`, maxLength: 20 },
  )
  .map((told): PaymentFact[] => {
    const known = new Map<string, PaymentFact>();
    for (const { type, part, value } of told) {
      const isPart = type.startsWith("refund") || type.startsWith("dispute");
      const reference = isPart ? `${type.slice(0, 6)}_${part}` : "pi_1";
      const fact: PaymentFact = isPart
        ? { type, reference, amount: money(part * 100 + (value % 2), "USD") }
        : { type, reference, amount, until: 1 as Instant, declineCode: "declined" };
      known.set(`${type} ${reference}`, fact);
    }
    return [...known.values()];
  });

const shuffled = facts.chain((all) =>
  fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length, maxLength: all.length })),
);
const booked = { paymentId: "pay_1", provider: "stripe", currency: "USD" } as const;

describe("what providers say about a payment", () => {
  test("adds up to the same standing and the same postings in any order", () => {
    fc.assert(
      fc.property(shuffled, ([told, other]) => {
        expect(standingOf(other, "pending")).toEqual(standingOf(told, "pending"));
        const byKey = (all: readonly PaymentFact[]) => new Map(postingsFor(booked, all).map((one) => [one.key, one]));
        expect(byKey(other)).toEqual(byKey(told));
      }),
    );
  });

  test("only ever adds postings, never changes one", () => {
    fc.assert(
      fc.property(shuffled, ([told]) => {
        const seen = new Map<string, unknown>();
        for (let known = 0; known <= told.length; known += 1) {
          const postings = postingsFor(booked, told.slice(0, known));
          const keys = new Set(postings.map((posting) => posting.key));
          for (const key of seen.keys()) expect(keys.has(key)).toBe(true);
          for (const posting of postings) {
            expect(seen.get(posting.key) ?? posting).toEqual(posting);
            seen.set(posting.key, posting);
          }
        }
      }),
    );
  });

  test("moves a payment along its state table only", () => {
    fc.assert(
      fc.property(facts, fc.constantFrom(...openStates), (told, open) => {
        let state = standingOf([], open).state;
        for (let known = 1; known <= told.length; known += 1) {
          const next = standingOf(told.slice(0, known), open).state;
          if (next !== state) expect(mayBecome(paymentStates, state, next)).toBe(true);
          state = next;
        }
      }),
    );
  });

  test("never refunds more than was captured, nor captures more than was authorized", () => {
    fc.assert(
      fc.property(facts, (told) => {
        const { refunded, captured, authorized } = standingOf(told, "pending");
        expect(refunded).toBeLessThanOrEqual(captured);
        expect(captured).toBeLessThanOrEqual(authorized);
      }),
    );
  });

  test("is booked twice over: every posting adds up to zero and names known accounts", () => {
    fc.assert(
      fc.property(facts, (told) => {
        for (const { lines } of postingsFor(booked, told)) {
          expect(lines.reduce((sum, line) => sum + line.amount, 0)).toBe(0);
          for (const { account } of lines) expect(Object.keys(ledgerAccounts)).toContain(account.split(".")[1] ?? "");
        }
      }),
    );
  });
});

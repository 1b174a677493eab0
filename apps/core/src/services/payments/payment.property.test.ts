import { describe, expect, test } from "bun:test";
import { type Instant, mayBecome, money } from "@stoa/kernel";
import fc from "fast-check";
import { REVERSED } from "./dispute-facts.ts";
import { type LedgerPosting, ledgerAccounts, postingsFor } from "./ledger.ts";
import { factTypes, openStates, type PaymentFact, paymentStates, standingOf } from "./payment.ts";

const amount = money(5_200, "USD");

/** Facts as providers may tell them of one payment, in any order: holds, captures in parts, refunds and disputes of parts. */
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
      const isPart = type.startsWith("refund") || type.startsWith("dispute") || type === "captured";
      const reference = isPart ? `${type.slice(0, 6)}_${part}` : `pi_${(value % 2) + 1}`;
      const fact: PaymentFact = isPart
        ? {
            type,
            reference,
            amount: money(part * 100 + (value % 2), "USD"),
            isTotal: part > 1,
            ...disputed(type, part, value),
          }
        : { type, reference, amount, until: 1 as Instant, declineCode: "declined" };
      known.set(`${type} ${reference}`, fact);
    }
    return [...known.values()];
  });

/** Of three disputes one is money that was taken back without asking, of the capture that another is over. */
function disputed(type: PaymentFact["type"], part: number, value: number) {
  if (!type.startsWith("dispute")) return {};
  const at = (value % 7 === 0 ? null : value) as Instant | null;
  return { at, reason: part === 3 ? REVERSED : "fraudulent", captureReference: part === 2 ? "other" : "captur_1" };
}

const shuffled = facts.chain((all) =>
  fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length, maxLength: all.length })),
);
const booked = { paymentId: "pay_1", provider: "stripe", currency: "USD" } as const;

/** What each fact in turn makes us post. */
const stepsOf = (told: readonly PaymentFact[]) =>
  told.map((_, known) => postingsFor(booked, told.slice(0, known), told.slice(0, known + 1)));

function addUp(balances: Map<string, number>, postings: readonly LedgerPosting[]): void {
  for (const { account, amount: posted } of postings.flatMap((posting) => posting.lines)) {
    balances.set(account, (balances.get(account) ?? 0) + posted);
  }
}

const ended = (balances: Map<string, number>) => Object.fromEntries([...balances].filter(([, sum]) => sum !== 0));

function balancesAfter(told: readonly PaymentFact[]): Record<string, number> {
  const balances = new Map<string, number>();
  for (const postings of stepsOf(told)) addUp(balances, postings);
  return ended(balances);
}

describe("what providers say about a payment", () => {
  test("adds up to the same standing and the same balances in any order", () => {
    fc.assert(
      fc.property(shuffled, ([told, other]) => {
        expect(standingOf(other, "pending")).toEqual(standingOf(told, "pending"));
        expect(balancesAfter(other)).toEqual(balancesAfter(told));
      }),
    );
  });

  test("is booked alike whether it is told at once or one by one, and no posting is made twice", () => {
    fc.assert(
      fc.property(facts, (told) => {
        const keys = stepsOf(told).flatMap((postings) => postings.map((posting) => posting.key));
        expect(new Set(keys).size).toBe(keys.length);
        const atOnce = new Map<string, number>();
        addUp(atOnce, postingsFor(booked, [], told));
        expect(balancesAfter(told)).toEqual(ended(atOnce));
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
        for (const { lines } of stepsOf(told).flat()) {
          expect(lines.reduce((sum, line) => sum + line.amount, 0)).toBe(0);
          for (const { account } of lines) expect(Object.keys(ledgerAccounts)).toContain(account.split(".")[1] ?? "");
        }
      }),
    );
  });
});

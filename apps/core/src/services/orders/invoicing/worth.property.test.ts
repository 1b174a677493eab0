import { expect, test } from "bun:test";
import fc from "fast-check";
import { creditsDue, type Standing, worthOf } from "./worth.ts";

const amount = fc.nat({ max: 100_000 });
const acts = fc.array(fc.record({ invoice: fc.nat({ max: 4 }), lost: amount, besides: amount }), { maxLength: 12 });

test("whatever lines lose and whatever is given back besides, invoices less credit notes are what the order is worth", () => {
  fc.assert(
    fc.property(fc.array(amount, { minLength: 1, maxLength: 5 }), acts, (billed, steps) => {
      let invoices: Standing[] = billed.map((one) => ({ billed: one, credited: 0, worth: one }));
      let givenBesides = 0;
      const sum = (of: (one: Standing) => number) => invoices.reduce((total, one) => total + of(one), 0);
      for (const { invoice, lost, besides } of steps) {
        invoices = invoices.map((one, place) =>
          place === invoice % billed.length ? { ...one, worth: Math.max(0, one.worth - lost) } : one,
        );
        givenBesides += besides;
        const due = creditsDue(invoices, givenBesides);
        invoices = invoices.map((one, place) => ({ ...one, credited: one.credited + (due[place] ?? 0) }));
        expect(sum((one) => one.billed - one.credited)).toBe(Math.max(0, sum((one) => one.worth) - givenBesides));
        expect(due.every((one) => one >= 0)).toBe(true);
        expect(invoices.every((one) => one.credited <= one.billed)).toBe(true);
        expect(creditsDue(invoices, givenBesides)).toEqual(invoices.map(() => 0));
      }
    }),
  );
});

test("what is given back for no line leaves other invoices alone as long as the first has so much left", () => {
  const two = [
    { billed: 60, credited: 0, worth: 60 },
    { billed: 40, credited: 0, worth: 40 },
  ];
  expect(creditsDue(two, 50)).toEqual([50, 0]);
  expect(creditsDue(two, 70)).toEqual([60, 10]);
  expect(
    creditsDue(
      [
        { billed: 60, credited: 50, worth: 60 },
        { billed: 40, credited: 0, worth: 0 },
      ],
      50,
    ),
  ).toEqual([0, 40]);
  expect(
    creditsDue(
      [
        { billed: 60, credited: 0, worth: 0 },
        { billed: 40, credited: 0, worth: 40 },
      ],
      10,
    ),
  ).toEqual([60, 10]);
});

test("lines are worth what is kept of them, less what returns of just these lines gave back", () => {
  const line = (position: number, cancelled: number) => {
    return { position, cancelled, quantity: 3, total: 300, tax: 31, taxIncluded: false, shippingShare: 10 };
  };
  const lines = [line(0, 0), line(1, 1), line(2, 3)];
  const returns = [
    {
      amount: 100,
      lines: [
        { position: 0, paid: 150 },
        { position: 1, paid: 50 },
      ],
    },
  ];
  const of = (from: number, until: number) => worthOf(lines, returns, { range: { from, until }, currency: "USD" });
  expect(of(0, 1)).toBe(341 - 75);
  expect(of(1, 2)).toBe(111 + 110 + 4 + 3 - 25);
  expect(of(2, 3)).toBe(0);
  expect(of(0, 3)).toBe(of(0, 1) + of(1, 3));
});

import { expect, test } from "bun:test";
import { type Currency, money, zero } from "@stoa/kernel";
import fc from "fast-check";
import { creditNoteOf, type InvoiceDocument, taxRows } from "./document.ts";
import { invoicingSetting } from "./settings.ts";

const settings = invoicingSetting.fallback;

function anInvoice(currency: Currency, total: number, taxes: readonly number[]): InvoiceDocument {
  const of = (amount: number) => money(amount, currency);
  return {
    ...{ kind: "invoice", number: "INV-1", issuedAt: "", orderNumber: "1", placedAt: "", creditsNumber: null },
    ...{
      locale: "en",
      timeZone: "UTC",
      seller: settings.seller,
      footer: [],
      buyer: [],
      shipTo: [],
      currency,
      lines: [],
    },
    ...{ subtotal: of(total), discount: zero(currency), shipping: zero(currency), total: of(total) },
    taxes: taxes.map((amount, index) => ({
      ...{ name: `rate ${index}`, basisPoints: 1_900, included: true, taxable: of(total), amount: of(amount) },
    })),
  };
}

test("credit notes that add up to an invoice add up to each of its taxes, to the last unit, in any currency", () => {
  const cases = fc.record({
    currency: fc.constantFrom<Currency>("USD", "JPY", "KWD"),
    parts: fc.array(fc.integer({ min: 1, max: 1_000_000 }), { minLength: 1, maxLength: 12 }),
    taxes: fc.array(fc.integer({ min: 0, max: 500_000 }), { maxLength: 4 }),
  });
  fc.assert(
    fc.property(cases, ({ currency, parts, taxes }) => {
      const total = parts.reduce((sum, part) => sum + part, 0);
      const invoice = anInvoice(currency, total, taxes);
      let before = 0;
      const credited = taxes.map(() => 0);
      for (const part of parts) {
        const creditedBefore = money(before, currency);
        const issue = { number: "CN-1", issuedAt: "", locale: "en", settings };
        const note = creditNoteOf(invoice, { amount: money(part, currency), creditedBefore, reason: "Refund" }, issue);
        expect(note.total.amount).toBe(part);
        for (const [index, row] of note.taxes.entries()) {
          expect(row.amount.amount).toBeGreaterThanOrEqual(0);
          credited[index] = (credited[index] ?? 0) + row.amount.amount;
        }
        before += part;
      }
      expect(credited).toEqual([...taxes]);
    }),
    { numRuns: 300 },
  );
});

test("taxes are told one row a rate, and a rate that prices hold apart from one that they do not", () => {
  const usd = (amount: number) => money(amount, "USD");
  const line = (name: string, basisPoints: number, included: boolean, amount: number) => {
    return { name, basisPoints, included, taxable: usd(amount * 5), amount: usd(amount) };
  };
  const lines = [
    line("VAT", 1_900, true, 3),
    line("VAT", 700, true, 2),
    line("VAT", 1_900, true, 4),
    line("VAT", 1_900, false, 1),
  ];
  const rows = taxRows(lines);
  expect(rows.map(({ basisPoints, included, amount }) => [basisPoints, included, amount.amount])).toEqual([
    [1_900, true, 7],
    [700, true, 2],
    [1_900, false, 1],
  ]);
  // What a rate is on never holds the tax itself: 19 % on this is that.
  expect(rows.map(({ net }) => net?.amount)).toEqual([28, 8, 5]);
});

test("a part that is credited says what of it is goods and what is tax, whether prices held the tax or not", () => {
  const usd = (amount: number) => money(amount, "USD");
  const rate = { name: "VAT", basisPoints: 1_900, taxable: usd(10_000) };
  const of = (total: number, row: { included: boolean; amount: ReturnType<typeof usd> }) => {
    const invoice = { ...anInvoice("USD", total, []), taxes: taxRows([{ ...rate, ...row }]) };
    const part = { amount: usd(total / 2), creditedBefore: usd(0), reason: "Refund" };
    const [tax] = creditNoteOf(invoice, part, { number: "CN-1", issuedAt: "", locale: "en", settings }).taxes;
    return [tax?.net?.amount, tax?.amount.amount];
  };
  expect(of(10_000, { included: true, amount: usd(1_597) })).toEqual([4_201, 799]);
  expect(of(11_900, { included: false, amount: usd(1_900) })).toEqual([5_000, 950]);
});

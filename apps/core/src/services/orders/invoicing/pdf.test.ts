import { expect, setSystemTime, test } from "bun:test";
import { inflateSync } from "node:zlib";
import { money } from "@stoa/kernel";
import type { InvoiceDocument } from "./document.ts";
import { renderPdf, writableFormat } from "./pdf.ts";

const eur = (amount: number) => money(amount, "EUR");

function aDocument(changes: Partial<InvoiceDocument> = {}, lines = 2): InvoiceDocument {
  return {
    ...{ kind: "invoice", number: "INV-000042", issuedAt: "2026-11-27T10:00:00Z", orderNumber: "10042" },
    ...{ placedAt: "2026-11-26T10:00:00Z", creditsNumber: null, locale: "de-DE", timeZone: "Europe/Berlin" },
    seller: {
      name: "Stoa Handels-GmbH",
      lines: ["Säulenhalle 7", "10115 Berlin", "Deutschland"],
      taxId: "DE123456789",
      email: "rechnung@stoa.example",
    },
    footer: ["IBAN DE02 1203 0000 0000 2020 51", "Amtsgericht Berlin HRB 4711"],
    buyer: ["Łukasz Żółć & Ελένη Παπαδοπούλου", "Улица Ленина 5", "10115 Berlin", "DE"],
    shipTo: [],
    currency: "EUR",
    lines: Array.from({ length: lines }, (_, index) => ({
      title: `Kaffeetasse Nº ${index + 1}, handgemacht, mit einem Namen, der länger ist als seine Spalte`,
      detail: "Blau, L, MUG-1",
      quantity: index + 1,
      unitPrice: eur(1_250),
      discount: eur(index === 0 ? 100 : 0),
      total: eur(1_250 * (index + 1)),
    })),
    ...{ subtotal: eur(3_750), discount: eur(100), shipping: eur(490), total: eur(4_140) },
    taxes: [
      { name: "MwSt.", basisPoints: 1_900, included: true, taxable: eur(3_650), amount: eur(583) },
      { name: "MwSt.", basisPoints: 700, included: true, taxable: eur(490), amount: eur(32) },
    ],
    ...changes,
  };
}

/** The pages of a PDF, by its own page objects. */
function pagesOf(pdf: Uint8Array): number {
  return [
    ...Buffer.from(pdf)
      .toString("latin1")
      .matchAll(/\/Type \/Page\b(?!s)/g),
  ].length;
}

test("the same document gives the same bytes at any time", async () => {
  const first = await renderPdf(aDocument());
  setSystemTime(new Date("2031-01-01T00:00:00Z"));
  const later = await renderPdf(aDocument()).finally(() => setSystemTime());
  expect(Bun.hash(later)).toBe(Bun.hash(first));
  expect(Buffer.from(first).toString("latin1")).toStartWith("%PDF-");
  expect(pagesOf(first)).toBe(1);
});

test("a hundred lines take several pages, and stay small", async () => {
  const pdf = await renderPdf(aDocument({}, 100));
  expect(pagesOf(pdf)).toBeGreaterThanOrEqual(5);
  expect(pdf.byteLength).toBeLessThan(300_000);
});

/** How many lines of text are drawn, by the operators of the pages. */
function drawnLines(pdf: Uint8Array): number {
  const bytes = Buffer.from(pdf);
  const streams = [...bytes.toString("latin1").matchAll(/\/Length (\d+)\n\/Filter \/FlateDecode\n>>\nstream\n/g)];
  const texts = streams.map(({ index, 0: head, 1: length }) => {
    const start = index + head.length;
    return inflateSync(bytes.subarray(start, start + Number(length))).toString("latin1");
  });
  return texts.reduce((sum, text) => sum + [...text.matchAll(/\bBT\n/g)].length, 0);
}

test("a figure that is wider than its column is written smaller, and never broken in two", async () => {
  const of = (amount: number, currency: "EUR" | "KWD") => {
    const figure = money(amount, currency);
    const line = { ...oneLine, title: "Book", unitPrice: figure, discount: figure, total: figure };
    const sums = { subtotal: figure, discount: figure, shipping: figure, total: figure };
    return renderPdf(aDocument({ locale: "en-US", currency, lines: [line], taxes: [], ...sums }));
  };
  const narrow = drawnLines(await of(1_00, "EUR"));
  expect(narrow).toBeGreaterThan(20);
  expect(drawnLines(await of(123_456_789_010, "KWD"))).toBe(narrow);
});

test("days and amounts are written with signs that the font has, whatever the shop's locale", () => {
  const written = (locale: string, currency: "EUR" | "JPY" | "KWD") => {
    const format = writableFormat(aDocument({ locale, total: money(1_234_000, currency) }));
    return `${format.day("2026-11-27T10:00:00Z")} ${format.money(money(1_234_000, currency))}`.replaceAll(/\s/g, " ");
  };
  expect(written("de-DE", "EUR")).toBe("27. November 2026 12.340,00 €");
  expect(written("el-GR", "EUR")).toBe("27 Νοεμβρίου 2026 12.340,00 €");
  expect(written("ja-JP", "JPY")).toBe("November 27, 2026 ¥1,234,000");
  expect(written("ar-EG", "KWD")).toBe("November 27, 2026 KWD 1,234.000");
});

test("whatever a name holds, a PDF comes of it", async () => {
  for (const text of ["", "日本語 🎉", "\u0000\u0007", "a".repeat(3_000), "‮right-to-left‬", "(\\) endobj stream"]) {
    const pdf = await renderPdf(aDocument({ buyer: [text], lines: [{ ...oneLine, title: text, detail: text }] }));
    expect(pdf.byteLength).toBeGreaterThan(1_000);
  }
});

const oneLine = { title: "", detail: "", quantity: 1, unitPrice: eur(1), discount: eur(0), total: eur(1) };

test("an erased person's invoice, and one in a language without texts, are still rendered", async () => {
  expect(pagesOf(await renderPdf(aDocument({ buyer: [], locale: "fr-FR" })))).toBe(1);
  expect(pagesOf(await renderPdf(aDocument({ kind: "credit_note", creditsNumber: "INV-000041" })))).toBe(1);
});

import {
  addMoney,
  addressLines,
  allocate,
  type Currency,
  type Instant,
  type Money,
  money,
  subtractMoney,
  toTimestamp,
  zero,
} from "@stoa/kernel";
import type { AddressView, TaxLineView } from "@stoa/read-models";
import { type LinePrice, paidFor } from "../line-money.ts";
import type { InvoicingSettings } from "./settings.ts";

/** Tax of one rate, over all that it is on. */
export interface TaxRow {
  readonly name: string;
  readonly basisPoints: number;
  /** Whether the prices held it already. */
  readonly included: boolean;
  /** What the rate was laid on as prices stand: with the tax, where they hold it. */
  readonly taxable: Money;
  /** The same without the tax, as it is written. Absent where it was issued before this was kept; then `taxable` is written for ever. */
  readonly net?: Money;
  readonly amount: Money;
}

export interface DocumentLine {
  readonly title: string;
  readonly detail: string;
  readonly quantity: number;
  readonly unitPrice: Money;
  readonly discount: Money;
  readonly total: Money;
}

/**
 * An invoice or a credit note as it was issued: every word and figure on it, so that it looks the same for ever.
 * Amounts of a credit note are what is given back, as positive amounts.
 */
export interface InvoiceDocument {
  readonly kind: "invoice" | "credit_note";
  readonly number: string;
  /** RFC 3339. */
  readonly issuedAt: string;
  readonly orderNumber: string;
  readonly placedAt: string;
  /** The invoice that a credit note corrects. */
  readonly creditsNumber: string | null;
  readonly locale: string;
  readonly timeZone: string;
  readonly seller: InvoicingSettings["seller"];
  readonly footer: readonly string[];
  /** Name and address, one line each; empty once the person has been erased. */
  readonly buyer: readonly string[];
  /** Where it was sent, when that is elsewhere. */
  readonly shipTo: readonly string[];
  readonly currency: Currency;
  readonly lines: readonly DocumentLine[];
  readonly subtotal: Money;
  readonly discount: Money;
  readonly shipping: Money;
  readonly taxes: readonly TaxRow[];
  readonly total: Money;
}

export interface Issue {
  readonly number: string;
  readonly issuedAt: string;
  readonly locale: string;
  readonly settings: InvoicingSettings;
}

/** What of an order its invoices are made of; amounts are minor units of its currency. */
export interface BilledOrder {
  readonly number: string;
  readonly placedAt: Instant;
  readonly currency: Currency;
  readonly shippingAddress: AddressView;
  readonly billingAddress: AddressView | null;
  readonly shipping: number;
  readonly shippingDiscount: number;
  readonly shippingTax: number;
  readonly shippingTaxIncluded: boolean;
  readonly taxes: readonly BilledTax[];
}

interface BilledTax {
  /** Of the line; null for shipping. */
  readonly position: number | null;
  readonly name: string;
  readonly basisPoints: number;
  readonly included: boolean;
  readonly taxable: number;
  readonly amount: number;
}

export interface BilledLine extends LinePrice {
  readonly position: number;
  readonly sku: string;
  readonly title: string;
  readonly options: Readonly<Record<string, string>>;
  readonly quantity: number;
  readonly unitPrice: number;
  readonly discount: number;
}

/** An invoice over lines of an order, as they were ordered. Shipping is billed with the line that the order begins with. */
export function invoiceOf(
  order: BilledOrder,
  lines: readonly BilledLine[],
  { number, issuedAt, locale, settings }: Issue,
): InvoiceDocument {
  const { currency } = order;
  const of = (amount: number) => money(amount, currency);
  const shipTo = addressLines(order.shippingAddress, locale);
  const buyer = order.billingAddress ? addressLines(order.billingAddress, locale) : shipTo;
  const positions = new Set(lines.map((line) => line.position));
  return {
    kind: "invoice",
    number,
    issuedAt,
    orderNumber: order.number,
    placedAt: toTimestamp(order.placedAt),
    creditsNumber: null,
    locale,
    timeZone: settings.timeZone,
    seller: settings.seller,
    footer: settings.footer,
    buyer,
    shipTo: buyer.join("\n") === shipTo.join("\n") ? [] : shipTo,
    currency,
    lines: lines.map(({ title, options, sku, quantity, unitPrice, discount, total }) => ({
      title,
      detail: [...Object.values(options), sku].join(", "),
      ...{ quantity, unitPrice: of(unitPrice), discount: of(discount), total: of(total) },
    })),
    ...sumsOf(order, lines, positions.has(0)),
    taxes: taxRows(
      order.taxes
        .filter(({ position }) => positions.has(position ?? 0))
        .map((tax) => ({ ...tax, taxable: of(tax.taxable), amount: of(tax.amount) })),
    ),
  };
}

function sumsOf(order: BilledOrder, lines: readonly BilledLine[], withShipping: boolean) {
  const sum = (of: (line: BilledLine) => number) => lines.reduce((total, line) => total + of(line), 0);
  const { shipping, shippingDiscount, shippingTax, shippingTaxIncluded, currency } = order;
  const shipped = shipping - shippingDiscount + (shippingTaxIncluded ? 0 : shippingTax);
  return {
    subtotal: money(
      sum((line) => line.unitPrice * line.quantity),
      currency,
    ),
    discount: money(sum((line) => line.discount) + (withShipping ? shippingDiscount : 0), currency),
    shipping: money(withShipping ? shipping : 0, currency),
    total: money(sum(paidFor) + (withShipping ? shipped : 0), currency),
  };
}

/** One row a rate, in the order in which the rates first occur. */
export function taxRows(lines: readonly TaxLineView[]): TaxRow[] {
  const byRate = Map.groupBy(lines, ({ name, basisPoints, included }) => `${name}\n${basisPoints}\n${included}`);
  return [...byRate.values()].flatMap((same) => {
    const [first] = same;
    if (!first) return [];
    const sum = (member: "taxable" | "amount") =>
      money(
        same.reduce((total, line) => total + line[member].amount, 0),
        first.amount.currency,
      );
    const { name, basisPoints, included } = first;
    const [taxable, amount] = [sum("taxable"), sum("amount")];
    return [{ name, basisPoints, included, taxable, net: netOf({ included, taxable, amount }), amount }];
  });
}

function netOf({ included, taxable, amount }: Pick<TaxRow, "included" | "taxable" | "amount">): Money {
  return included ? subtractMoney(taxable, amount) : taxable;
}

/**
 * A credit note over a part of an invoice, or over all that is left of it. The taxes are shared out so that the notes over an
 * invoice add up to its taxes exactly when they add up to its total.
 * @param creditedBefore sum of the notes over this invoice so far
 */
export function creditNoteOf(
  invoice: InvoiceDocument,
  {
    amount,
    creditedBefore,
    reason,
  }: { readonly amount: Money; readonly creditedBefore: Money; readonly reason: string },
  issue: Issue,
): InvoiceDocument {
  const { currency } = invoice;
  const isWhole = creditedBefore.amount === 0 && amount.amount === invoice.total.amount;
  const part = { creditedBefore, amount, of: invoice.total };
  const line = { title: reason, detail: "", quantity: 1, unitPrice: amount, discount: zero(currency), total: amount };
  return {
    ...invoice,
    kind: "credit_note",
    number: issue.number,
    issuedAt: issue.issuedAt,
    creditsNumber: invoice.number,
    ...(isWhole
      ? {}
      : {
          lines: [line],
          subtotal: amount,
          discount: zero(currency),
          shipping: zero(currency),
          taxes: invoice.taxes.map((row) => creditedTax(row, part)),
        }),
    total: amount,
  };
}

interface Part {
  readonly creditedBefore: Money;
  readonly amount: Money;
  readonly of: Money;
}

/** The amount that is credited holds all of its taxes. */
function creditedTax(row: TaxRow, part: Part): TaxRow {
  const amount = partOf(row.amount, part);
  const gross = partOf(addMoney(netOf(row), row.amount), part);
  return { ...row, included: true, taxable: gross, net: subtractMoney(gross, amount), amount };
}

/** What a figure has for this part: its share of all parts so far, less its share of those before. */
function partOf(figure: Money, { creditedBefore, amount, of }: Part): Money {
  const upTo = (credited: number) => allocate(figure, [credited, of.amount - credited])[0] ?? zero(figure.currency);
  return subtractMoney(upTo(creditedBefore.amount + amount.amount), upTo(creditedBefore.amount));
}

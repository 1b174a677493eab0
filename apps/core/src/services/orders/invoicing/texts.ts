import { languageOf } from "../../../platform/format/index.ts";

/** The words on an invoice in one language. */
export interface InvoiceTexts {
  readonly invoice: string;
  readonly creditNote: string;
  readonly number: string;
  readonly date: string;
  readonly order: string;
  readonly orderDate: string;
  readonly credits: string;
  readonly shipTo: string;
  readonly taxId: string;
  readonly item: string;
  readonly quantity: string;
  readonly unitPrice: string;
  readonly discount: string;
  readonly amount: string;
  readonly subtotal: string;
  readonly shipping: string;
  readonly tax: (name: string, rate: string, taxable: string) => string;
  readonly includedTax: (name: string, rate: string, taxable: string) => string;
  readonly total: string;
  readonly refund: (orderNumber: string) => string;
  readonly page: (page: number, pages: number) => string;
}

const en: InvoiceTexts = {
  invoice: "Invoice",
  creditNote: "Credit note",
  number: "Number",
  date: "Date",
  order: "Order",
  orderDate: "Order date",
  credits: "Corrects invoice",
  shipTo: "Delivered to",
  taxId: "Tax ID",
  item: "Item",
  quantity: "Quantity",
  unitPrice: "Unit price",
  discount: "Discount",
  amount: "Amount",
  subtotal: "Subtotal",
  shipping: "Shipping",
  tax: (name, rate, taxable) => `${name} ${rate} on ${taxable}`,
  includedTax: (name, rate, taxable) => `Includes ${name} ${rate} on ${taxable}`,
  total: "Total",
  refund: (orderNumber) => `Refund for order ${orderNumber}`,
  page: (page, pages) => `Page ${page} of ${pages}`,
};

const de: InvoiceTexts = {
  invoice: "Rechnung",
  creditNote: "Gutschrift",
  number: "Nummer",
  date: "Datum",
  order: "Bestellung",
  orderDate: "Bestelldatum",
  credits: "Korrigiert Rechnung",
  shipTo: "Geliefert an",
  taxId: "Steuernummer",
  item: "Artikel",
  quantity: "Menge",
  unitPrice: "Einzelpreis",
  discount: "Rabatt",
  amount: "Betrag",
  subtotal: "Zwischensumme",
  shipping: "Versand",
  tax: (name, rate, taxable) => `${name} ${rate} auf ${taxable}`,
  includedTax: (name, rate, taxable) => `Enthält ${name} ${rate} auf ${taxable}`,
  total: "Gesamtbetrag",
  refund: (orderNumber) => `Erstattung zu Bestellung ${orderNumber}`,
  page: (page, pages) => `Seite ${page} von ${pages}`,
};

const catalogue: Readonly<Record<string, InvoiceTexts>> = { en, de };

/** The texts of a locale; English for a language that nobody has translated yet. */
export function invoiceTextsOf(locale: string): InvoiceTexts {
  const language = languageOf(locale);
  return (Object.hasOwn(catalogue, language) ? catalogue[language] : undefined) ?? en;
}

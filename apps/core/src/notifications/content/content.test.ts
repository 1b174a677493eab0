import { expect, test } from "bun:test";
import { currencyDigits, money } from "@stoa/kernel";
import { formatOf } from "../../platform/format/index.ts";
import { type OrderMailKind, orderMailKinds } from "../kinds.ts";
import { fillUrl } from "../settings.ts";
import { catalogue } from "../texts/index.ts";
import type { MailContent } from "./blocks.ts";
import { renderHtml } from "./render-html.ts";
import { renderText } from "./render-text.ts";
import { type WriteMail, writeMail } from "./write-mail.ts";

const HOSTILE = `<script>alert(1)</script>"><img src=x onerror=1>' & \r\nBcc: eve@example.com`;
const eur = (amount: number) => money(amount, "EUR");

function orderMail(kind: OrderMailKind, words: string, locale = "en-US"): WriteMail {
  const item = { sku: "S", title: words, options: { o: words }, quantity: 1, cancelled: 1 };
  const amounts = { unitPrice: eur(1), discount: eur(0), tax: eur(0), total: eur(1) };
  const shipment = { id: "f", carrier: words, trackingNumber: words, trackingUrl: `javascript:alert("${words}")` };
  return {
    kind,
    data: { fulfilmentId: "f", returnState: "rejected" },
    shopName: words,
    locale,
    timeZone: "Europe/Berlin",
    facts: {
      about: "order",
      orderUrl: `https://shop.example/?q="><script>`,
      refund: { amount: eur(123_456), to: "original" },
      request: { url: `javascript:alert(1)`, amount: eur(1), expiresAt: "2026-11-27T10:00:00Z" },
      rejection: words,
      order: {
        ...{ id: "ord_1", number: words, state: "confirmed", currency: "EUR", email: "a@example.com" },
        items: [{ ...item, ...amounts }],
        totals: { subtotal: eur(1), discount: eur(0), shipping: eur(0), tax: eur(0), total: eur(1) },
        shippingAddress: { name: words, line1: words, city: words, postalCode: words, country: "DE" },
        shippingMethod: { id: "s", name: words, price: eur(0) },
        payment: { state: "captured", provider: "stripe", refundedTotal: eur(0) },
        fulfilment: {
          state: "fulfilled",
          shipments: [{ ...shipment, items: [{ sku: "S", quantity: 1 }], shippedAt: "2026-11-27T10:00:00Z" }],
        },
        placedAt: "2026-11-27T10:00:00Z",
        timeline: [],
      },
    },
  };
}

const accountMail = (kind: "verify_email" | "reset_password", words: string): WriteMail => ({
  ...{ kind, data: {}, shopName: words, locale: "en-US", timeZone: "UTC" },
  facts: { about: "account", name: words, url: `https://shop.example/?t="><b>` },
});

const hostile: MailContent[] = [
  ...orderMailKinds.map((kind) => writeMail(orderMail(kind, HOSTILE))),
  writeMail(accountMail("verify_email", HOSTILE)),
  writeMail(accountMail("reset_password", HOSTILE)),
];

test("no name, title, option, number or link becomes markup in a mail", () => {
  for (const content of hostile) {
    const html = renderHtml(content);
    expect(html).not.toContain("<script");
    expect(html).not.toContain("<img");
    expect(html).not.toContain("javascript:");
    // Every link is one of ours, whole inside its quotes.
    for (const [, href = ""] of html.matchAll(/href="([^"]*)"/g)) expect(href).toStartWith("https://shop.example/");
  }
});

test("opening a mail fetches nothing from anywhere", () => {
  const mails = [
    ...orderMailKinds.map((kind) => writeMail(orderMail(kind, "Mug"))),
    writeMail(accountMail("verify_email", "Ada")),
  ];
  for (const content of mails) {
    expect(renderHtml(content)).not.toMatch(/\bsrc\s*=|url\(|@import|<link|<iframe|<form/i);
  }
});

test("a line break in a name makes no line of its own in the text", () => {
  for (const content of hostile) expect(renderText(content)).not.toMatch(/^Bcc:/m);
});

test("tax that prices hold stands below the total, tax that is added above it", () => {
  const mail = orderMail("order_placed", "1");
  if (mail.facts.about !== "order") throw new Error("not about an order");
  const tax = (included: boolean, amount: number) => {
    return { name: "VAT", basisPoints: 1_900, included, taxable: eur(500), amount: eur(amount) };
  };
  const order = {
    ...mail.facts.order,
    taxLines: [tax(true, 79), tax(false, 95)],
    totals: { subtotal: eur(1_000), discount: eur(0), shipping: eur(0), tax: eur(174), total: eur(1_095) },
  };
  const text = renderText(writeMail({ ...mail, facts: { ...mail.facts, order } }));
  expect(text).toContain("Subtotal: €10.00\nTax: €0.95\nTotal: €10.95\nIncludes tax: €0.79");
});

test("every language has words for every mail, and they differ", () => {
  const subjects = Object.keys(catalogue).map((locale) =>
    orderMailKinds.map((kind) => writeMail(orderMail(kind, "10042", locale)).subject),
  );
  expect(subjects).toHaveLength(2);
  expect(new Set(subjects.flat()).size).toBe(2 * orderMailKinds.length);
  for (const subject of subjects.flat()) expect(subject).toContain("10042");
});

test("an unknown language gets English, and amounts and dates follow the locale", () => {
  expect(writeMail(orderMail("order_placed", "1", "fr-FR")).language).toBe("en");
  expect(writeMail(orderMail("order_placed", "1", "constructor")).language).toBe("en");
  const text = renderText(writeMail(orderMail("order_refunded", "1", "de-DE")));
  expect(text).toContain("1.234,56 €");
  expect(formatOf("de-DE", "Europe/Berlin").date("2026-11-27T23:30:00Z")).toContain("28. November 2026");
  expect(formatOf("not a locale", "UTC").money(eur(5))).toBe("€0.05");
});

test("an amount has the digits of its currency", () => {
  const { money: write } = formatOf("en-US", "UTC");
  expect(write(money(5_200, "JPY"))).toBe("¥5,200");
  expect(write(money(5_200, "KWD"))).toMatch(/5\.200/);
  for (const currency of Object.keys(currencyDigits)) {
    const known = currency as keyof typeof currencyDigits;
    const digits = write(money(1, known)).match(/\.(\d+)/)?.[1]?.length ?? 0;
    expect([known, digits]).toEqual([known, currencyDigits[known]]);
  }
});

test("the order's page is addressed with every part escaped, and nothing else is filled in", () => {
  const url = fillUrl("https://s.example/{number}/{orderId}#{accessToken}{other}", {
    ...{ orderId: "ord_1", number: "1/2?x", accessToken: "a&b" },
  });
  expect(url).toBe("https://s.example/1%2F2%3Fx/ord_1#a%26b{other}");
});

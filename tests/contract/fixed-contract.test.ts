import { expect, test } from "bun:test";
import { type Endpoint, endpoints, openapiDocument, problemsOf } from "@stoa/contract";

const all: readonly Endpoint[] = endpoints;

/** What clients are written against. A line that leaves this list breaks them. */
const fixedCalls = `
GET /v1/categories
GET /v1/products
GET /v1/products/{slug}
GET /v1/products/{slug}/recommendations
GET /v1/search
GET /v1/search/suggest
GET /v1/stock
POST /v1/carts
GET /v1/carts/{cartId}
PATCH /v1/carts/{cartId}
POST /v1/carts/{cartId}/items
PATCH /v1/carts/{cartId}/items/{sku}
DELETE /v1/carts/{cartId}/items/{sku}
POST /v1/carts/{cartId}/promotions
DELETE /v1/carts/{cartId}/promotions/{code}
GET /v1/carts/{cartId}/shipping-methods
POST /v1/carts/{cartId}/claim
POST /v1/carts/{cartId}/checkout
GET /v1/orders/{orderId}
GET /v1/orders/{orderId}/events
POST /v1/orders/{orderId}/cancel
POST /v1/orders/{orderId}/returns
GET /v1/me
PATCH /v1/me
DELETE /v1/me
GET /v1/me/export
GET /v1/me/addresses
POST /v1/me/addresses
PATCH /v1/me/addresses/{id}
DELETE /v1/me/addresses/{id}
GET /v1/me/orders
GET /healthz
GET /readyz
GET /openapi.json
GET /docs
`.trim();

const checkoutCodes = [
  "cart_completed",
  "cart_empty",
  "email_required",
  "idempotency_key_required",
  "idempotency_key_reused",
  "out_of_stock",
  "payment_declined",
  "price_changed",
  "request_in_progress",
  "shipping_address_required",
  "shipping_method_required",
];

test("the contract has every call that clients rely on", () => {
  const calls = new Set(all.map(({ method, path }) => `${method} ${path}`));
  for (const call of fixedCalls.split("\n")) expect([call, calls.has(call)]).toEqual([call, true]);
});

test("checkout may answer every refusal that storefronts handle", () => {
  const checkout = all.find((one) => one.id === "carts.checkout");
  expect(checkout && problemsOf(checkout)).toEqual(expect.arrayContaining(checkoutCodes));
});

const paying: readonly string[] = ["carts.checkout", "paymentLinks.pay"];

test("what is paid for needs an idempotency key, and every other call that creates accepts one", () => {
  // A look-up only reads; it is a POST to keep the e-mail or the code out of the URL.
  const lookups = ["orders.lookup", "giftCards.balance"];
  const creating = all.filter(({ id, method }) => method === "POST" && !lookups.includes(id));
  for (const { id, idempotency } of creating) {
    expect([id, idempotency]).toEqual([id, paying.includes(id) ? "required" : "accepted"]);
  }
});

test("only the catalog and the documents may stand in shared caches", () => {
  for (const { id, tag, cache } of all) {
    const open = tag === "catalog" || id === "system.openapi" || id === "system.docs";
    expect([id, cache]).toEqual([id, open ? "public" : "private"]);
  }
});

test("money is never a bare number in any shape of the document", () => {
  const { schemas } = openapiDocument().components as {
    schemas: Record<string, { properties?: Record<string, unknown> }>;
  };
  for (const [name, { properties = {} }] of Object.entries(schemas)) {
    for (const member of [
      "price",
      "compareAtPrice",
      "unitPrice",
      "discount",
      "subtotal",
      "shipping",
      "tax",
      "refundedTotal",
    ]) {
      const shape = properties[member];
      if (shape === undefined) continue;
      expect([name, member, JSON.stringify(shape)]).toEqual([name, member, '{"$ref":"#/components/schemas/Money"}']);
    }
  }
});

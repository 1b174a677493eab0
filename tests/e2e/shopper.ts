import type { APIRequestContext } from "@playwright/test";
import { expect } from "@playwright/test";

/** What the run started, by the names run.ts gives. */
export const started = {
  edgeUrl: process.env.STOA_EDGE_URL ?? "http://127.0.0.1:8080",
  mailboxUrl: process.env.STOA_MAILBOX_URL ?? "",
  sampleSku: process.env.STOA_SAMPLE_SKU ?? "",
  owner: { email: process.env.STOA_OWNER_EMAIL ?? "", password: process.env.STOA_OWNER_PASSWORD ?? "" },
};

const address = { name: "Ada Lovelace", line1: "Main St 1", city: "Berlin", postalCode: "10115", country: "DE" };

export interface Checkout {
  readonly paymentMethod: string;
  readonly returnUrl?: string;
  readonly quantity?: number;
  readonly email?: string;
}

/** Fills a guest's cart over the storefront API and checks it out; answers the raw response. */
export async function checkOut(request: APIRequestContext, checkout: Checkout) {
  const { paymentMethod, returnUrl, quantity = 1, email = "ada@example.com" } = checkout;
  const url = (path: string) => started.edgeUrl + path;
  const created = await request.post(url("/v1/carts"), { data: { items: [{ sku: started.sampleSku, quantity }] } });
  expect(created.status()).toBe(201);
  const cart = await created.json();
  const methods = await (await request.get(url(`/v1/carts/${cart.id}/shipping-methods`))).json();
  return request.post(url(`/v1/carts/${cart.id}/checkout`), {
    headers: { "idempotency-key": crypto.randomUUID() },
    data: {
      email,
      shippingAddress: address,
      shippingMethod: methods.items[0].id,
      payment: { provider: "stripe", paymentMethod, ...(returnUrl ? { returnUrl } : {}) },
    },
  });
}

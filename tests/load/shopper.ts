const address = { name: "Ada", line1: "Main St 1", city: "Berlin", postalCode: "10115", country: "DE" };

/** How long a shopper looks again at an order that was still pending when checkout answered, or comes again to a busy shop. */
const PATIENCE_MS = 30_000;
const LOOK_AGAIN_MS = 50;

export interface Bought {
  readonly cartMs: number;
  readonly checkoutMs: number;
  /** Checkout itself already answered with the confirmed order. */
  readonly atOnce: boolean;
}

/**
 * One whole checkout over the storefront API: a cart with these items, one of each; then address, shipping and payment; then,
 * should the order still be pending, looks at it until it is confirmed.
 */
export async function buy(edgeUrl: string, skus: readonly string[], shippingMethod: string): Promise<Bought> {
  const startedAt = performance.now();
  const cart = await post(edgeUrl, "/v1/carts", { items: skus.map((sku) => ({ sku, quantity: 1 })) });
  const cartAt = performance.now();
  const order = await post(edgeUrl, `/v1/carts/${cart.id}/checkout`, {
    email: "ada@example.com",
    shippingAddress: address,
    shippingMethod,
    payment: { provider: "stripe", paymentMethod: "pm_card_visa" },
  });
  const checkoutAt = performance.now();
  const atOnce = order.state === "confirmed";
  if (!atOnce) await confirmed(edgeUrl, order);
  return { cartMs: cartAt - startedAt, checkoutMs: checkoutAt - cartAt, atOnce };
}

/** The id of the first way to ship a cart with this SKU. */
export async function firstShippingMethod(edgeUrl: string, sku: string): Promise<string> {
  const cart = await post(edgeUrl, "/v1/carts", { items: [{ sku, quantity: 1 }] });
  const answer = await fetch(`${edgeUrl}/v1/carts/${cart.id}/shipping-methods`);
  const { items } = (await answer.json()) as { items: { id: string }[] };
  const id = items[0]?.id;
  if (!id) throw new Error("the shop has no way to ship");
  return id;
}

interface Answer {
  readonly id: string;
  readonly state: string;
  readonly accessToken?: string;
}

async function confirmed(edgeUrl: string, { id, accessToken = "" }: Answer): Promise<void> {
  const until = performance.now() + PATIENCE_MS;
  while (performance.now() < until) {
    await Bun.sleep(LOOK_AGAIN_MS);
    const answer = await fetch(`${edgeUrl}/v1/orders/${id}`, { headers: { "x-order-token": accessToken } });
    const { state } = (await answer.json()) as Answer;
    if (state === "confirmed") return;
    if (state !== "pending") throw new Error(`order ${id} ended ${state}`);
  }
  throw new Error(`order ${id} is still pending after ${PATIENCE_MS} ms`);
}

/** Told that the shop is busy, a shopper comes again when it says, with the same key; the wait counts as theirs. */
async function post(edgeUrl: string, path: string, body: unknown): Promise<Answer> {
  const headers = { "content-type": "application/json", "idempotency-key": crypto.randomUUID() };
  const until = performance.now() + PATIENCE_MS;
  for (;;) {
    const response = await fetch(edgeUrl + path, { method: "POST", headers, body: JSON.stringify(body) });
    if (response.ok) return (await response.json()) as Answer;
    if (response.status !== 503 || performance.now() > until) {
      throw new Error(`${path} answered ${response.status}: ${await response.text()}`);
    }
    await Bun.sleep(1_000 * Number(response.headers.get("retry-after") ?? 1));
  }
}

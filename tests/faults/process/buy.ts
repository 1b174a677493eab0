const TRIES_MAX = 60;
const AGAIN_MS = 300;

const address = { name: "Ada", line1: "Main St 1", city: "Berlin", postalCode: "10115", country: "DE" };

export interface Purchase {
  readonly sku: string;
  readonly shippingMethod: string;
  readonly paymentMethod: string;
}

/** A shopper who asks again with the same key until there is an answer. */
export async function buy(edgeUrl: string, { sku, shippingMethod, paymentMethod }: Purchase): Promise<string> {
  const cart = await ask(edgeUrl, "/v1/carts", { items: [{ sku, quantity: 1 }] });
  if (cart.status !== 201) return `no answer: a cart was answered ${cart.status}`;
  const answer = await ask(edgeUrl, `/v1/carts/${cart.body.id}/checkout`, {
    email: "ada@example.com",
    shippingAddress: address,
    shippingMethod,
    payment: { provider: "stripe", paymentMethod },
  });
  return answer.status === 0
    ? "no answer to a checkout"
    : `${paymentMethod}: ${answer.status} ${answer.body.state ?? answer.body.code}`;
}

interface Answer {
  readonly status: number;
  readonly body: { readonly id?: string; readonly state?: string; readonly code?: string };
}

async function ask(edgeUrl: string, path: string, body: unknown): Promise<Answer> {
  const key = crypto.randomUUID();
  for (let attempt = 0; attempt < TRIES_MAX; attempt += 1) {
    try {
      const response = await fetch(edgeUrl + path, {
        method: "POST",
        headers: { "content-type": "application/json", "idempotency-key": key },
        body: JSON.stringify(body),
      });
      const answered = (await response.json()) as Answer["body"];
      const isFinal = response.status < 500 && answered.code !== "request_in_progress";
      if (isFinal) return { status: response.status, body: answered };
    } catch {
      // The connection was lost; the key makes asking again harmless.
    }
    await Bun.sleep(AGAIN_MS);
  }
  return { status: 0, body: {} };
}

/** The shop's only way to ship, as a cart with one of that SKU is told. */
export async function firstShippingMethod(edgeUrl: string, sku: string): Promise<string> {
  const cart = await ask(edgeUrl, "/v1/carts", { items: [{ sku, quantity: 1 }] });
  const answer = await fetch(`${edgeUrl}/v1/carts/${cart.body.id}/shipping-methods`);
  const { items } = (await answer.json()) as { readonly items: readonly { readonly id: string }[] };
  const id = items[0]?.id;
  if (!id) throw new Error("the shop has no way to ship");
  return id;
}

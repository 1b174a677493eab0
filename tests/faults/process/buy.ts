/** How long a shopper comes again, and the least they wait in between. */
const PATIENCE_MS = 60_000;
const AGAIN_MS = 300;

const address = { name: "Ada", line1: "Main St 1", city: "Berlin", postalCode: "10115", country: "DE" };

export interface Purchase {
  readonly sku: string;
  readonly shippingMethod: string;
  readonly paymentMethod: string;
}

/** A shopper who asks again with the same key until there is an answer, and when the shop is busy no sooner than it says. */
export async function buy(edgeUrl: string, { sku, shippingMethod, paymentMethod }: Purchase): Promise<string> {
  const cart = await ask(edgeUrl, "/v1/carts", { items: [{ sku, quantity: 1 }] });
  if (cart.status !== 201) return `no answer to a cart but ${refusalOf(cart)}`;
  const answer = await ask(edgeUrl, `/v1/carts/${cart.body.id}/checkout`, {
    email: "ada@example.com",
    shippingAddress: address,
    shippingMethod,
    payment: { provider: "stripe", paymentMethod },
  });
  return answer.isFinal
    ? `${paymentMethod}: ${answer.status} ${answer.body.state ?? answer.body.code}`
    : `no answer to a checkout but ${refusalOf(answer)}`;
}

function refusalOf({ status, body }: Answer): string {
  return status === 0 ? "lost connections" : `${status} ${body.code}`;
}

interface Answer {
  /** Asking again would bring nothing else. */
  readonly isFinal: boolean;
  /** 0 for a connection that was lost. */
  readonly status: number;
  readonly body: { readonly id?: string; readonly state?: string; readonly code?: string };
}

async function ask(edgeUrl: string, path: string, body: unknown): Promise<Answer> {
  const key = crypto.randomUUID();
  const until = performance.now() + PATIENCE_MS;
  let last: Answer = { isFinal: false, status: 0, body: {} };
  while (performance.now() < until) {
    let waitMs = AGAIN_MS;
    try {
      const response = await fetch(edgeUrl + path, {
        method: "POST",
        headers: { "content-type": "application/json", "idempotency-key": key },
        body: JSON.stringify(body),
      });
      const answered = (await response.json()) as Answer["body"];
      const isFinal = response.status < 500 && answered.code !== "request_in_progress";
      last = { isFinal, status: response.status, body: answered };
      if (isFinal) return last;
      waitMs = Math.max(waitMs, 1_000 * Number(response.headers.get("retry-after") ?? 0));
    } catch {
      // The connection was lost; the key makes asking again harmless.
      last = { isFinal: false, status: 0, body: {} };
    }
    await Bun.sleep(waitMs);
  }
  return last;
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

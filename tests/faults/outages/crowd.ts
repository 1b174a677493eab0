/** What became of the requests of a crowd. */
export interface CrowdReport {
  readonly answered: number;
  /** Those without a true answer: a lost connection, or a status from 500 on. */
  readonly failures: readonly string[];
  /** Answers that told their client to let go of the connection. */
  readonly closing: number;
}

export interface Crowd {
  /** Lets every request under way end, and asks no more. */
  stop(): Promise<CrowdReport>;
  /** Resolves once so many more have been answered. */
  more(count: number): Promise<void>;
}

type Ask = (lane: number, n: number) => Promise<Response>;

const address = { name: "Ada", line1: "Main St 1", city: "Berlin", postalCode: "10115", country: "DE" };

/** So many shoppers who ask one thing after another over connections that they keep. */
export function startCrowd(lanes: number, ask: Ask): Crowd {
  const failures: string[] = [];
  let answered = 0;
  let closing = 0;
  let isOver = false;
  const waiting = new Map<number, () => void>();
  const lane = async (number: number) => {
    for (let n = 0; !isOver; n += 1) {
      try {
        const answer = await ask(number, n);
        const body = await answer.text();
        if (answer.status >= 500) failures.push(`${answer.url} answered ${answer.status}: ${body}`);
        if (answer.headers.get("connection") === "close") closing += 1;
      } catch (error) {
        failures.push(String(error));
      }
      answered += 1;
      waiting.get(answered)?.();
    }
  };
  const running = Promise.all(Array.from({ length: lanes }, (_, number) => lane(number)));
  return {
    more: (count) =>
      new Promise((resolve) => {
        waiting.set(answered + count, resolve);
      }),
    async stop() {
      isOver = true;
      await running;
      return { answered, failures, closing };
    },
  };
}

const post = (url: string, body: unknown) =>
  fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", "idempotency-key": crypto.randomUUID() },
    body: JSON.stringify(body),
  });

/** Looks at a product, at a list, and puts something into a cart. */
export function browseAndFill(edgeUrl: () => string, slugs: readonly string[]): Ask {
  return (lane, n) => {
    if (n % 3 === 0) return fetch(`${edgeUrl()}/v1/products/${slugs[(lane + n) % slugs.length]}`);
    if (n % 3 === 1) return fetch(`${edgeUrl()}/v1/products?limit=${1 + (n % 50)}`);
    return post(`${edgeUrl()}/v1/carts`, { items: [{ sku: `LOAD-${(lane + n) % slugs.length}`, quantity: 1 }] });
  };
}

/** Buys: a cart, then its checkout. A failed cart is the answer. */
export function buy(edgeUrl: string, shippingMethod: string, products: number): Ask {
  return async (lane, n) => {
    const cart = await post(`${edgeUrl}/v1/carts`, { items: [{ sku: `LOAD-${(lane + n) % products}`, quantity: 1 }] });
    if (cart.status !== 201) return cart;
    const { id } = (await cart.json()) as { readonly id: string };
    return post(`${edgeUrl}/v1/carts/${id}/checkout`, {
      email: "ada@example.com",
      shippingAddress: address,
      shippingMethod,
      payment: { provider: "stripe", paymentMethod: "pm_card_visa" },
    });
  };
}

/** The id of the first way to ship. */
export async function firstShippingMethod(edgeUrl: string): Promise<string> {
  const cart = await post(`${edgeUrl}/v1/carts`, { items: [{ sku: "LOAD-0", quantity: 1 }] });
  const { id } = (await cart.json()) as { readonly id: string };
  const answer = await fetch(`${edgeUrl}/v1/carts/${id}/shipping-methods`);
  const { items } = (await answer.json()) as { readonly items: readonly { readonly id: string }[] };
  return items[0]?.id ?? "";
}

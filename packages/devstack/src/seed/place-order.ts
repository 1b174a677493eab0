import { z } from "zod";
import { type Answer, ask, refused, send } from "./http.ts";
import type { OrderSeed } from "./orders.ts";

const SETTLED_MS = 20_000;
const POLL_MS = 50;

export interface Shopper {
  readonly edgeUrl: string;
  readonly email: string;
  /** Of the session; null for a guest. */
  readonly token: string | null;
}

const cart = z.object({ id: z.string() });
const methods = z.object({ items: z.array(z.object({ id: z.string(), name: z.string() })) });
const order = z.object({ id: z.string(), state: z.string(), payment: z.object({ state: z.string() }) });
const placed = order.extend({ accessToken: z.string().optional() });
type Order = z.infer<typeof order>;

/** Orders as a shopper does: cart, address, shipping, card. @throws Error when the order does not end as it should. */
export async function placeOrder(shopper: Shopper, seed: OrderSeed): Promise<void> {
  const { edgeUrl, email, token } = shopper;
  const step = `the order of ${email} that ends ${seed.ends}`;
  const headers: Record<string, string> = token === null ? {} : { authorization: `Bearer ${token}` };
  const base = { step, headers };
  const { currency, items } = seed;
  const created = await ask({ ...base, url: `${edgeUrl}/v1/carts`, method: "POST", body: { currency, items } }, cart);
  const cartUrl = `${edgeUrl}/v1/carts/${created.id}`;
  await ask({ ...base, url: cartUrl, method: "PATCH", body: { email, shippingAddress: seed.to } }, cart);
  const offered = await ask({ ...base, url: `${cartUrl}/shipping-methods` }, methods);
  const shipping = offered.items.find(({ name }) => name === seed.shipping);
  if (!shipping) throw new Error(`${step}: there is no shipping method ${seed.shipping}`);
  const answer = await send({
    ...base,
    url: `${cartUrl}/checkout`,
    method: "POST",
    headers: { ...headers, "idempotency-key": created.id },
    body: { shippingMethod: shipping.id, payment: { provider: "stripe", paymentMethod: seed.card } },
  });
  await settle({ ...base, edgeUrl, seed }, answer);
}

interface Placed {
  readonly step: string;
  readonly edgeUrl: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly seed: OrderSeed;
}

async function settle({ step, edgeUrl, headers, seed }: Placed, answer: Answer): Promise<void> {
  if (seed.ends === "declined" && answer.status === 402) return;
  const parsed = placed.safeParse(answer.body);
  if (answer.status >= 300 || !parsed.success) throw refused(step, answer);
  const { accessToken } = parsed.data;
  const seen = { ...headers, ...(accessToken !== undefined && { "x-order-token": accessToken }) };
  const url = `${edgeUrl}/v1/orders/${parsed.data.id}`;
  const wanted = { waiting: isWaiting, declined: isRefused, confirmed: isConfirmed, cancelled: isConfirmed }[seed.ends];
  await until({ step, url, headers: seen, wanted, first: parsed.data });
  if (seed.ends !== "cancelled") return;
  const cancelled = await ask({ step, url: `${url}/cancel`, method: "POST", headers: seen, body: {} }, order);
  await until({ step, url, headers: seen, wanted: ({ state }) => state === "cancelled", first: cancelled });
}

const isWaiting = ({ state, payment }: Order) => state === "pending" && payment.state === "requires_action";
const isRefused = ({ state }: Order) => state === "refused";
const isConfirmed = ({ state }: Order) => state === "confirmed";

interface Watched {
  readonly step: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly wanted: (order: Order) => boolean;
  /** The order as it was last seen. */
  readonly first: Order;
}

/** On a busy machine checkout answers before the order has settled. */
async function until({ step, url, headers, wanted, first }: Watched): Promise<void> {
  const deadline = Date.now() + SETTLED_MS;
  let latest = first;
  while (!wanted(latest)) {
    const last = `${latest.state}, its payment ${latest.payment.state}`;
    if (Date.now() > deadline || latest.state === "refused") throw new Error(`${step} is ${last}`);
    await Bun.sleep(POLL_MS);
    latest = await ask({ step, url, headers }, order);
  }
}

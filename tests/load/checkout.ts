import postgres from "postgres";
import { line, type Measured, measure } from "./side-by-side.ts";

export interface CheckoutOptions {
  readonly edgeUrl: string;
  readonly databaseUrl: string;
  /** SKUs with plenty of stock; orders go round. */
  readonly skus: readonly string[];
  readonly seconds: number;
  readonly inFlight: number;
}

const address = { name: "Ada", line1: "Main St 1", city: "Berlin", postalCode: "10115", country: "DE" };

/**
 * Whole checkouts over the storefront API (a cart, then checkout until edge answers), beside a bare loop of the SQL that any
 * order needs (order, two lines, two guarded stock updates, commit) on the same Postgres: first on many SKUs, then on one.
 */
export async function checkout(options: CheckoutOptions): Promise<void> {
  const bare = await bareOrders(options);
  console.log(line("bare SQL of an order", bare));
  const shippingMethod = await firstMethod(options);
  for (const [name, skus] of [
    ["checkouts of many SKUs", options.skus],
    ["checkouts of one SKU", options.skus.slice(0, 1)],
  ] as const) {
    const states = new Map<string, number>();
    const measured = await measure(async (n) => {
      const state = await oneCheckout(options.edgeUrl, skus[n % skus.length] ?? "", shippingMethod);
      states.set(state, (states.get(state) ?? 0) + 1);
    }, options);
    console.log(line(name, measured, bare));
    console.log(`  ${[...states].map(([state, count]) => `${count} ${state}`).join(", ")}`);
  }
}

async function oneCheckout(edgeUrl: string, sku: string, shippingMethod: string): Promise<string> {
  const cart = await post(edgeUrl, "/v1/carts", { items: [{ sku, quantity: 1 }] });
  const order = await post(edgeUrl, `/v1/carts/${cart.id}/checkout`, {
    email: "ada@example.com",
    shippingAddress: address,
    shippingMethod,
    payment: { provider: "stripe", paymentMethod: "pm_card_visa" },
  });
  return order.state;
}

async function firstMethod({ edgeUrl, skus }: CheckoutOptions): Promise<string> {
  const cart = await post(edgeUrl, "/v1/carts", { items: [{ sku: skus[0], quantity: 1 }] });
  const answer = await fetch(`${edgeUrl}/v1/carts/${cart.id}/shipping-methods`);
  const { items } = (await answer.json()) as { items: { id: string }[] };
  const id = items[0]?.id;
  if (!id) throw new Error("the shop has no way to ship");
  return id;
}

async function post(edgeUrl: string, path: string, body: unknown): Promise<{ id: string; state: string }> {
  const response = await fetch(edgeUrl + path, {
    method: "POST",
    headers: { "content-type": "application/json", "idempotency-key": crypto.randomUUID() },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${path} answered ${response.status}: ${await response.text()}`);
  return (await response.json()) as { id: string; state: string };
}

async function bareOrders({ databaseUrl, inFlight, seconds }: CheckoutOptions): Promise<Measured> {
  const sql = postgres(databaseUrl, { max: inFlight, onnotice: () => undefined });
  try {
    await sql`drop schema if exists load cascade`;
    await sql`create schema load`;
    await sql`create table load.stock (sku text primary key, units int not null check (units >= 0))`;
    await sql`create table load.bare_order (id uuid primary key, total bigint not null, body jsonb not null)`;
    await sql`create table load.bare_line (order_id uuid not null, sku text not null, quantity int not null)`;
    await sql`insert into load.stock select 'S' || n, 1000000 from generate_series(1, 200) n`;
    return await measure(
      (n) =>
        sql.begin(async (tx) => {
          const id = Bun.randomUUIDv7();
          // In order, so that two orders never wait for each other in a circle.
          const skus = [`S${(n % 100) + 1}`, `S${(n % 100) + 101}`];
          await tx`insert into load.bare_order values (${id}, 5200, ${tx.json(address)})`;
          await tx`insert into load.bare_line select ${id}, s, 1 from unnest(${skus}::text[]) s`;
          for (const sku of skus) await tx`update load.stock set units = units - 1 where sku = ${sku} and units >= 1`;
        }) as Promise<unknown> as Promise<void>,
      { inFlight, seconds },
    );
  } finally {
    await sql`drop schema if exists load cascade`;
    await sql.end();
  }
}

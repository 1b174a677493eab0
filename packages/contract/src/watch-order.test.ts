import { expect, test } from "bun:test";
import { createClient } from "./client.ts";

const orderId = "ord_1";
const event = (id: string, state: string) =>
  `id: ${id}\nevent: order\ndata: ${JSON.stringify({ id: orderId, state })}\n\n`;
/** A connection that the shop ends behind these events; it asks to come back after a millisecond. */
const stream =
  (...events: readonly string[]) =>
  () =>
    new Response(["retry: 1\n: connected\n\n", ...events].join(""), {
      headers: { "content-type": "text/event-stream" },
    });
const refusal = (code: string, status: number) => () =>
  Response.json({ code }, { status, headers: { "retry-after": "0" } });

/** A shop that answers each connection in its turn, and what it was asked with. */
function shopWith(answers: readonly (() => Response)[]) {
  const asked: Headers[] = [];
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch: ({ headers }) => {
      asked.push(headers);
      return (answers[asked.length - 1] ?? refusal("internal_error", 500))();
    },
  });
  const client = createClient({ baseUrl: server.url.href, retries: 0, random: () => 0 });
  return { client, asked, server, [Symbol.asyncDispose]: () => server.stop(true) };
}

async function statesOf(orders: AsyncIterable<{ readonly state: string }>, count: number): Promise<string[]> {
  const states: string[] = [];
  for await (const { state } of orders) if (states.push(state) === count) break;
  return states;
}

test("an order is told as it changes, over as many connections as it takes, each from where the last one stopped", async () => {
  const answers = [
    stream(event("1.0", "pending")),
    refusal("service_unavailable", 503),
    stream(": heartbeat\n\n", event("1.1", "confirmed"), event("1.2", "cancelled")),
  ];
  await using shop = shopWith(answers);
  const headers = { "x-order-token": "of a guest" };
  const orders = shop.client.watchOrder({ params: { orderId }, headers });
  expect(await statesOf(orders, 3)).toEqual(["pending", "confirmed", "cancelled"]);
  expect(shop.asked.map((one) => one.get("last-event-id"))).toEqual([null, "1.0", "1.0"]);
  expect(shop.asked.map((one) => one.get("x-order-token"))).toEqual(Array(3).fill("of a guest"));
});

test("an order that is not the caller's is refused, at once and later", async () => {
  await using shop = shopWith([stream(event("1.0", "pending")), refusal("not_found", 404)]);
  const orders = shop.client.watchOrder({ params: { orderId } });
  expect((await orders.next()).value).toMatchObject({ state: "pending" });
  await expect(orders.next()).rejects.toMatchObject({ code: "not_found" });
});

test("whoever leaves the page hears their own reason, and the shop is left as well", async () => {
  const left = Promise.withResolvers<void>();
  const open = () => {
    const body = new ReadableStream({
      start: (controller) => controller.enqueue(new TextEncoder().encode(event("1.0", "pending"))),
      cancel: () => left.resolve(),
    });
    return new Response(body, { headers: { "content-type": "text/event-stream" } });
  };
  await using shop = shopWith([open]);
  const leaving = new AbortController();
  const orders = shop.client.watchOrder({ params: { orderId }, signal: leaving.signal });
  await orders.next();
  leaving.abort(new Error("left the page"));
  await expect(orders.next()).rejects.toThrow("left the page");
  await left.promise;
});

test("a shop that is away is asked again and again until it is there", async () => {
  await using shop = shopWith([stream(event("1.0", "pending")), stream(event("1.1", "confirmed"))]);
  let tries = 0;
  const client = createClient({
    baseUrl: shop.server.url.href,
    retries: 0,
    fetch: async (request) => {
      tries += 1;
      if (tries === 2 || tries === 3) throw new TypeError("nobody is there");
      return fetch(request);
    },
  });
  expect(await statesOf(client.watchOrder({ params: { orderId } }), 2)).toEqual(["pending", "confirmed"]);
  expect(tries).toBe(4);
});

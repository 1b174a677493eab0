import { afterEach, expect, test } from "bun:test";
import { type ClientOptions, createClient } from "./client.ts";
import { ApiProblem, Unreachable } from "./client-errors.ts";

const servers: ReturnType<typeof Bun.serve>[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.stop(true)));
});

/** A client and a server that answers it over the wire, the last answer again and again. */
function clientWith(answers: readonly (() => Response | Promise<Response>)[], options: Partial<ClientOptions> = {}) {
  const seen: { readonly url: string; readonly headers: Headers; readonly body: string }[] = [];
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch: async (request) => {
      seen.push({ url: request.url, headers: new Headers([...request.headers]), body: await request.text() });
      const answer = answers[Math.min(seen.length, answers.length) - 1];
      return (await answer?.()) ?? new Response(null, { status: 500 });
    },
  });
  servers.push(server);
  const baseUrl = server.url.href;
  const client = createClient({ baseUrl, token: () => "session-token", random: () => 0, ...options });
  return { client, seen, server };
}

const cart = () => Response.json({ id: "cart_1" }, { status: 201 });
const busy =
  (retryAfter = "0") =>
  () =>
    Response.json(
      { code: "service_unavailable", detail: "The shop is very busy." },
      { status: 503, headers: { "content-type": "application/problem+json", "retry-after": retryAfter } },
    );

async function thrownBy(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => null,
    (error: unknown) => error,
  );
}

test("parameters are put into path and query, repeated and nested ones too", async () => {
  const { client, seen } = clientWith([() => Response.json({ items: [], nextCursor: null, total: 0 })]);
  const asked = () => {
    const { pathname, search } = new URL(seen.at(-1)?.url ?? "");
    return pathname + search;
  };
  await client.call("products.list", { query: { limit: 5, inStock: true, attr: { color: ["red", "blue"] } } });
  expect(asked()).toBe("/v1/products?limit=5&inStock=true&attr.color=red&attr.color=blue");
  await client.call("products.get", { params: { slug: "a/b ü" } });
  expect(asked()).toBe("/v1/products/a%2Fb%20%C3%BC");
});

test("a parameter that would lead up the path is nothing there, and nothing is sent", async () => {
  const { client, seen } = clientWith([() => new Response(null, { status: 204 })]);
  for (const id of ["..", ".", ""]) {
    const error = await thrownBy(client.call("me.addresses.delete", { params: { id } }));
    expect(error).toMatchObject({ name: "ApiProblem", code: "not_found", status: 404 });
  }
  expect(seen).toEqual([]);
});

test("what cannot be sent is the caller's to mend, and no shop that is away", async () => {
  const { client, seen } = clientWith([cart], { token: () => "two\nlines" });
  expect(await thrownBy(client.call("categories.list", {}))).toBeInstanceOf(TypeError);
  expect(seen).toEqual([]);
});

test("a body goes as JSON with its idempotency key and the caller's token", async () => {
  const { client, seen } = clientWith([cart]);
  const answer = await client.call("carts.create", { body: { currency: "EUR" }, idempotencyKey: "k-1" });
  expect(answer.status).toBe(201);
  expect(seen[0]?.headers.get("idempotency-key")).toBe("k-1");
  expect(seen[0]?.headers.get("authorization")).toBe("Bearer session-token");
  expect(seen[0]?.body).toBe('{"currency":"EUR"}');
});

test("a busy shop is asked again, by one and the same key that nobody had to think of", async () => {
  const { client, seen } = clientWith([busy(), busy(), cart]);
  const answer = await client.call("carts.create", { body: {} });
  expect(answer.body).toMatchObject({ id: "cart_1" });
  const keys = seen.map(({ headers }) => headers.get("idempotency-key"));
  expect(keys).toHaveLength(3);
  expect(new Set(keys).size).toBe(1);
  expect(keys[0]).not.toBeNull();
});

test("a call that must not be repeated is sent once, and so is what is to wait for too long", async () => {
  const { client, seen } = clientWith([busy()]);
  const lookup = client.call("orders.lookup", { body: { number: "1001", email: "ann@example.com" } });
  expect(await thrownBy(lookup)).toMatchObject({ code: "service_unavailable", retryAfterSeconds: 0 });
  expect(seen).toHaveLength(1);
  const later = clientWith([busy("60")]);
  expect(await thrownBy(later.client.call("categories.list", {}))).toMatchObject({ retryAfterSeconds: 60 });
  expect(later.seen).toHaveLength(1);
});

test("a refusal is an answer: it is thrown at once, with its code and what it tells", async () => {
  const items = [{ sku: "A", requested: 2, available: 1 }];
  const { client, seen } = clientWith([
    () =>
      Response.json(
        { code: "out_of_stock", detail: "Too few.", items },
        { status: 409, headers: { "content-type": "application/problem+json" } },
      ),
  ]);
  const error = await thrownBy(client.call("carts.create", { body: {} }));
  expect(error).toBeInstanceOf(ApiProblem);
  expect(error).toMatchObject({ code: "out_of_stock", status: 409, message: "Too few.", body: { items } });
  const sold = error instanceof ApiProblem && error.is("out_of_stock") ? error.body.items : [];
  expect(sold[0]?.available).toBe(1);
  expect(seen).toHaveLength(1);
});

test("an answer that is no problem document is still a refusal", async () => {
  const { client } = clientWith([() => new Response("<h1>Bad gateway</h1>", { status: 502 })], { retries: 0 });
  const error = await thrownBy(client.call("carts.create", { body: {} }));
  expect(error).toMatchObject({ code: "service_unavailable", status: 502 });
});

test("a shop that does not answer in time, or is not there, is unreachable", async () => {
  const never = new Promise<Response>(() => {});
  const { client, seen, server } = clientWith([() => never], { timeoutMs: 500, retries: 1 });
  expect(await thrownBy(client.call("categories.list", {}))).toBeInstanceOf(Unreachable);
  expect(seen).toHaveLength(2);
  await server.stop(true);
  expect(await thrownBy(client.call("categories.list", {}))).toMatchObject({ endpoint: "categories.list" });
});

test("whoever gives up hears their own reason, also while a retry is waited for", async () => {
  const leaving = new AbortController();
  const { client } = clientWith([
    () => {
      setTimeout(() => leaving.abort(new Error("left the page")), 1);
      return busy("4")();
    },
  ]);
  const error = await thrownBy(client.call("categories.list", { signal: leaving.signal }));
  expect(error).toMatchObject({ message: "left the page" });
});

test("a file is one, with the very bytes that were sent", async () => {
  const bytes = new Uint8Array([0x25, 0x50, 0x44, 0x46, 0xff, 0xfe, 0x00]);
  const { client } = clientWith([() => new Response(bytes, { headers: { "content-type": "application/pdf" } })]);
  const { body } = await client.call("orders.invoice", { params: { orderId: "ord_1" } });
  expect(new Uint8Array(await body.arrayBuffer())).toEqual(bytes);
});

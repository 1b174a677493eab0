import { afterAll, beforeAll, expect, test } from "bun:test";
import { type Endpoint, endpoints } from "@stoa/contract";
import { newId, problem } from "@stoa/kernel";
import { keys } from "@stoa/read-models";
import { routes } from "./routes.ts";
import { type EdgeUnderTest, edgeUnderTest } from "./testing/edge-under-test.ts";
import { cartView } from "./testing/fixtures.ts";

let edge: EdgeUnderTest;
beforeAll(async () => {
  edge = await edgeUnderTest({ settings: { storefrontOrigins: ["https://store.example"] } });
  await edge.seedShop();
  edge.core.on("carts.create", () => cartView());
});
afterAll(() => edge[Symbol.asyncDispose]());

test("every endpoint of the contract is answered by exactly one route", () => {
  const contract: readonly Endpoint[] = endpoints;
  expect(routes.map((route) => route.endpoint.id).sort()).toEqual(contract.map((one) => one.id).sort());
});

test("an answer carries the request id that came in, or a new one in place of a malformed one", async () => {
  const taken = await edge.ask("/healthz", { headers: { "x-request-id": "shop-12345678" } });
  expect(taken.headers.get("x-request-id")).toBe("shop-12345678");
  const replaced = await edge.ask("/healthz", { headers: { "x-request-id": "<script>" } });
  expect(replaced.headers.get("x-request-id")).toMatch(/^[0-9a-f-]{36}$/);
});

test("a trace that came in goes on to core and back", async () => {
  const traceId = "0af7651916cd43dd8448eb211c80319c";
  const headers = { traceparent: `00-${traceId}-b7ad6b7169203331-01` };
  const answer = await edge.ask("/v1/carts", { body: {}, headers });
  expect(answer.headers.get("traceparent")).toMatch(new RegExp(`^00-${traceId}-[0-9a-f]{16}-01$`));
  const shared = await edge.ask("/v1/categories", { headers });
  expect(shared.headers.get("traceparent")).toStartWith(`00-${traceId}-`);
  expect((await edge.ask("/v1/categories")).headers.has("traceparent")).toBe(false);
});

test("what is kept of an answer holds nothing of whom it was given to before", async () => {
  const first = await edge.ask("/v1/categories", { headers: { "x-request-id": "shop-11111111" } });
  const second = await edge.ask("/v1/categories", { headers: { "x-request-id": "shop-22222222" } });
  expect([first, second].map((answer) => answer.headers.get("x-request-id"))).toEqual([
    "shop-11111111",
    "shop-22222222",
  ]);
});

test("404: unknown paths and methods are problems, whatever the method", async () => {
  for (const [method, path] of [
    ["GET", "/"],
    ["GET", "/v1"],
    ["GET", "/v1/nothing"],
    ["PUT", "/v1/carts"],
    ["DELETE", "/v1/products/lamp"],
    ["GET", `/v1/orders/${newId("ord")}/returns`],
    ["POST", "/healthz"],
    // Where a URL ends that names an address "..": no way to erase whoever lives there.
    ["DELETE", "/v1/me/"],
    ["GET", "/v1/products/"],
  ] as const) {
    const answer = await edge.ask(path, { method });
    expect([method, path, answer.status]).toEqual([method, path, 404]);
    expect(answer.headers.get("content-type")).toBe("application/problem+json");
  }
});

test("Bun's router, which answers public reads, and Elysia's give the same answers", async () => {
  await edge.seed(keys.product("USD", "lamp é"), { id: newId("prod"), title: "Lamp" });
  const origin = edge.listen();
  const differing = [
    "age",
    "date",
    "content-length",
    "x-request-id",
    "traceparent",
    "last-modified",
    "transfer-encoding",
  ];
  const told = async (answer: Response) => {
    const headers = [...answer.headers].filter(([name]) => !differing.includes(name));
    const body = (await answer.text()).replaceAll(/"requestId":"[^"]+"/g, "");
    return { status: answer.status, headers, body };
  };
  for (const [method, path] of [
    ["GET", "/v1/products/lamp%20%C3%A9"],
    ["HEAD", "/v1/products/lamp%20%C3%A9"],
    ["GET", "/v1/products/lamp%20%C3%A9?unknown=1"],
    ["GET", "/v1/products/lamp%20%C3%A9/"],
    ["GET", "/v1/products/%2e%2e"],
    ["GET", "/v1/products/a%2Fb"],
    ["GET", "/v1//products/lamp"],
    ["GET", "/v1/products/lamp%00"],
    ["GET", "/v1/stock?sku=NOTHING"],
    ["DELETE", "/v1/products/lamp%20%C3%A9"],
    ["OPTIONS", "/v1/products/lamp%20%C3%A9"],
  ] as const) {
    const init = { method, headers: { "accept-encoding": "identity", origin: "https://store.example" } };
    const heard = await told(await fetch(origin + path, init));
    expect([method, path, heard]).toEqual([method, path, await told(await edge.ask(path, init))]);
  }
});

test("an id that is malformed names nothing", async () => {
  for (const path of [
    "/v1/carts/cart_1",
    "/v1/carts/ord_00000000000000000000000000",
    "/v1/orders/%2e%2e",
    "/v1/orders/1%00",
  ]) {
    expect([path, (await edge.ask(path)).status]).toEqual([path, 404]);
  }
});

test("every answer has the headers that keep browsers honest", async () => {
  for (const path of ["/healthz", "/v1/nothing", "/docs"]) {
    const { headers } = await edge.ask(path);
    expect(headers.get("x-content-type-options")).toBe("nosniff");
    expect(headers.get("x-frame-options")).toBe("DENY");
    expect(headers.get("content-security-policy")).toContain("default-src 'none'");
    expect(headers.get("strict-transport-security")).toBeNull();
  }
});

test("OPTIONS tells what a path allows; a storefront's preflight is granted, a stranger's is not", async () => {
  const asked = { method: "OPTIONS", headers: { origin: "https://store.example" } };
  const granted = await edge.ask("/v1/carts", asked);
  expect(granted.status).toBe(204);
  expect(granted.headers.get("allow")).toBe("POST, OPTIONS");
  expect(granted.headers.get("access-control-allow-origin")).toBe("https://store.example");
  expect(granted.headers.get("access-control-allow-headers")).toContain("idempotency-key");
  const stranger = await edge.ask("/v1/carts", { method: "OPTIONS", headers: { origin: "https://evil.example" } });
  expect(stranger.headers.get("access-control-allow-origin")).toBeNull();
  expect((await edge.ask("/v1/nothing", asked)).status).toBe(404);
});

test("answers name their storefront's origin and are kept apart by it in shared caches", async () => {
  const own = await edge.ask("/healthz", { headers: { origin: "https://store.example" } });
  expect(own.headers.get("access-control-allow-origin")).toBe("https://store.example");
  for (const headers of [{}, { origin: "null" }, { origin: "https://store.example.evil.example" }]) {
    const answer = await edge.ask("/healthz", { headers });
    expect(answer.headers.get("access-control-allow-origin")).toBeNull();
    expect(answer.headers.get("vary")).toBe("Origin");
  }
});

test("400: JSON that is malformed, too deep, or not UTF-8", async () => {
  const deep = `${"[".repeat(20_000)}${"]".repeat(20_000)}`;
  for (const raw of ["{", "nonsense", '{"a":1,}', `{"a":${deep}}`, new Uint8Array([0x22, 0xff, 0x22])]) {
    const answer = await edge.ask("/v1/carts", { raw });
    expect([String(raw).slice(0, 20), answer.status]).toEqual([String(raw).slice(0, 20), 400]);
    expect(await answer.json()).toMatchObject({ code: "malformed_json" });
  }
});

test("422: unknown members are named, also an object's own, and never their values", async () => {
  const answer = await edge.ask("/v1/carts", { raw: '{"price":"hunter2","__proto__":{"admin":true},"currency":1}' });
  expect(answer.status).toBe(422);
  const text = await answer.text();
  expect(text).not.toContain("hunter2");
  const { code, errors } = JSON.parse(text);
  expect(code).toBe("validation_failed");
  expect(errors.map((error: { path: string }) => error.path)).toEqual(expect.arrayContaining(["price", "currency"]));
  expect(({} as Record<string, unknown>).admin).toBeUndefined();
});

test("a key that stands twice counts once, as the last says", async () => {
  const answer = await edge.ask("/v1/carts", { raw: '{"currency":"USD","currency":"EUR"}' });
  expect(answer.status).toBe(201);
  expect(edge.core.calls.at(-1)?.input).toEqual({ currency: "EUR" });
});

test("413: a body over 256 KiB, told beforehand or streamed", async () => {
  const large = `{"x":"${"y".repeat(256 * 1024)}"}`;
  expect(await (await edge.ask("/v1/carts", { raw: large })).json()).toMatchObject({ code: "payload_too_large" });
  const chunk = new TextEncoder().encode("y".repeat(64 * 1024));
  let sent = 0;
  const body = new ReadableStream<Uint8Array>({
    pull: (controller) => {
      sent += 1;
      if (sent > 8) controller.close();
      else controller.enqueue(chunk);
    },
  });
  const answer = await fetch(`${edge.listen()}/v1/carts`, { method: "POST", body });
  expect(answer.status).toBe(413);
  expect(answer.headers.get("content-type")).toBe("application/problem+json");
  const giant = await fetch(`${edge.listen()}/v1/carts`, { method: "POST", body: new Uint8Array(8 * 1024 * 1024) });
  expect(await giant.json()).toMatchObject({ code: "payload_too_large" });
});

test("422: a URL or headers beyond their limits", async () => {
  expect((await edge.ask(`/v1/search?q=${"x".repeat(8_192)}`)).status).toBe(422);
  const many = Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`x-h${index}`, "y".repeat(1_000)]));
  expect((await edge.ask("/v1/categories", { headers: many })).status).toBe(422);
});

test("a failure inside says nothing of itself", async () => {
  edge.core.on("carts.create", () => {
    throw new Error("relation carts.cart does not exist at 10.0.0.7");
  });
  const answer = await edge.ask("/v1/carts", { body: {} });
  expect(answer.status).toBe(500);
  const text = await answer.text();
  expect(JSON.parse(text)).toMatchObject({ code: "internal_error", detail: "Internal error" });
  expect(text).not.toContain("relation");
  edge.core.on("carts.create", () => cartView());
});

test("401: a token outlives whoever was erased by some minutes, and opens nothing", async () => {
  await using shop = await edgeUnderTest();
  shop.core.on("carts.create", () => {
    throw problem("unauthenticated", { detail: "The account is no more.", isErased: true });
  });
  const answer = await shop.ask("/v1/carts", { body: {} });
  expect([answer.status, await answer.json()]).toMatchObject([
    401,
    { code: "unauthenticated", detail: "The account is no more." },
  ]);
  shop.core.on("carts.create", () => {
    throw problem("unauthenticated");
  });
  expect((await shop.ask("/v1/carts", { body: {} })).status).toBe(500);
});

test("503: what needs a store of core's that is away says when to come again, and all else goes on", async () => {
  await using shop = await edgeUnderTest();
  shop.core.on("carts.create", () => {
    throw problem("service_unavailable", { retryAfterSeconds: 2 });
  });
  for (let call = 0; call < 12; call += 1) {
    const answer = await shop.ask("/v1/carts", { body: {} });
    expect([answer.status, answer.headers.get("retry-after")]).toEqual([503, "2"]);
  }
  shop.core.on("carts.create", () => cartView());
  expect((await shop.ask("/v1/carts", { body: {} })).status).toBe(201);
});

test("503: while core is away, what needs it says so and when to come again", async () => {
  await using lonely = await edgeUnderTest();
  await lonely.core.stop();
  const answer = await lonely.ask("/v1/carts", { body: {} });
  expect(answer.status).toBe(503);
  expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(0);
  expect(await answer.json()).toMatchObject({ code: "service_unavailable" });
});

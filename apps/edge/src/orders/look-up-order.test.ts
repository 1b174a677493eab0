import { afterAll, beforeAll, expect, test } from "bun:test";
import { type EdgeUnderTest, edgeUnderTest, TEST_ADDRESS_HEADER } from "../testing/edge-under-test.ts";
import { orderView, storedOrder } from "../testing/fixtures.ts";

let edge: EdgeUnderTest;
beforeAll(async () => {
  edge = await edgeUnderTest();
});
afterAll(() => edge[Symbol.asyncDispose]());

const path = "/v1/orders/lookup";
const body = { number: "10001", email: "ann@shop.example" };
const off = { perMinute: 0 };
const limits = { read: off, write: off, checkout: off, auth: off, lookup: { perMinute: 2 } };

test("200: the order with the token that opens it, private to whoever asked", async () => {
  const view = orderView({ number: "10001" });
  edge.core.on("orders.lookUp", () => ({ order: storedOrder(view), accessToken: "token-1" }));
  const answer = await edge.ask(path, { body });
  expect(answer.status).toBe(200);
  expect(answer.headers.get("cache-control")).toBe("private, no-store");
  expect(await answer.json()).toEqual({ ...view, accessToken: "token-1" });
  expect(edge.core.calls.at(-1)?.input).toEqual(body);
});

test("200: it is asked as a guest, whoever is signed in", async () => {
  edge.core.on("orders.lookUp", () => ({ order: storedOrder(orderView()), accessToken: "token-1" }));
  const { headers } = await edge.signIn();
  expect((await edge.ask(path, { body, headers })).status).toBe(200);
  expect(edge.core.calls.at(-1)?.claims).toMatchObject({ actor: { kind: "guest" } });
});

test("404: what core does not find is a plain not found", async () => {
  edge.core.refuse("orders.lookUp", "not_found");
  const answer = await edge.ask(path, { body });
  expect(answer.status).toBe(404);
  expect(await answer.json()).toMatchObject({ code: "not_found", detail: "Not found" });
});

test("404: never by GET, so that no e-mail lands in a URL", async () => {
  const before = edge.core.calls.length;
  expect((await edge.ask(`${path}?number=10001&email=ann@shop.example`)).status).toBe(404);
  expect(edge.core.calls.length).toBe(before);
});

test("422: a body that lacks a member or holds no e-mail", async () => {
  for (const wrong of [{ number: "10001" }, { email: body.email }, { ...body, email: "ann" }, { ...body, number: "" }])
    expect((await edge.ask(path, { body: wrong })).status).toBe(422);
});

test("429: too many from one address, whichever orders they ask for", async () => {
  await using limited = await edgeUnderTest({ settings: { limits } });
  limited.core.refuse("orders.lookUp", "not_found");
  const statuses: number[] = [];
  for (const number of ["1", "2", "3"]) {
    const headers = { [TEST_ADDRESS_HEADER]: "203.0.113.1" };
    statuses.push((await limited.ask(path, { body: { ...body, number }, headers })).status);
  }
  expect(statuses).toEqual([404, 404, 429]);
});

test("429: too many for one number, from whatever addresses, and the wait is told", async () => {
  await using limited = await edgeUnderTest({ settings: { limits } });
  limited.core.refuse("orders.lookUp", "not_found");
  const ask = (host: string, number: string) =>
    limited.ask(path, { body: { ...body, number }, headers: { [TEST_ADDRESS_HEADER]: `203.0.113.${host}` } });
  expect((await ask("1", "7")).status).toBe(404);
  expect((await ask("2", "7")).status).toBe(404);
  const refused = await ask("3", "7");
  expect(refused.status).toBe(429);
  expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
  expect((await ask("4", "8")).status).toBe(404);
});

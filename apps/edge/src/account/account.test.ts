import { afterAll, beforeAll, expect, test } from "bun:test";
import { newId } from "@stoa/kernel";
import type { CorePath } from "../testing/core-double.ts";
import { type Ask, type EdgeUnderTest, edgeUnderTest } from "../testing/edge-under-test.ts";
import { address, orderView, storedOrder } from "../testing/fixtures.ts";

let edge: EdgeUnderTest;
beforeAll(async () => {
  edge = await edgeUnderTest();
});
afterAll(() => edge[Symbol.asyncDispose]());

const me = {
  id: newId("cus"),
  email: "ann@shop.example",
  emailVerified: true,
  name: "Ann",
  acceptsMarketing: false,
  createdAt: "2026-11-24T10:00:00.000Z",
};
const saved = { ...address, id: newId("adr"), isDefaultShipping: true, isDefaultBilling: false };

const savedCard = {
  id: newId("spm"),
  provider: "stripe",
  brand: "visa",
  last4: "4242",
  expiryMonth: 12,
  expiryYear: 2029,
};

interface Case {
  readonly name: string;
  readonly path: string;
  readonly ask: Ask;
  readonly core: CorePath;
  readonly answer: unknown;
  /** What core is asked with. */
  readonly input?: unknown;
  readonly status: number;
  readonly body: unknown;
}

const cases: readonly Case[] = [
  { name: "the profile", path: "/v1/me", ask: {}, core: "users.me", answer: me, status: 200, body: me },
  {
    name: "a changed profile",
    path: "/v1/me",
    ask: { method: "PATCH", body: { name: "Bea", phone: null } },
    core: "users.updateMe",
    answer: { ...me, name: "Bea" },
    input: { name: "Bea", phone: null },
    status: 200,
    body: { ...me, name: "Bea" },
  },
  {
    name: "an erased person",
    path: "/v1/me",
    ask: { method: "DELETE" },
    core: "users.deleteMe",
    answer: {},
    status: 204,
    body: null,
  },
  {
    name: "all data",
    path: "/v1/me/export",
    ask: {},
    core: "users.exportMe",
    answer: { me },
    status: 200,
    body: { me },
  },
  {
    name: "the address book",
    path: "/v1/me/addresses",
    ask: {},
    core: "users.addresses.list",
    answer: { items: [saved] },
    status: 200,
    body: { items: [saved] },
  },
  {
    name: "a new address",
    path: "/v1/me/addresses",
    ask: { body: { ...address, isDefaultShipping: true } },
    core: "users.addresses.create",
    answer: saved,
    input: { address, isDefaultShipping: true },
    status: 201,
    body: saved,
  },
  {
    name: "a changed address",
    path: `/v1/me/addresses/${saved.id}`,
    ask: { method: "PATCH", body: { city: "Shelbyville", isDefaultBilling: true } },
    core: "users.addresses.update",
    answer: saved,
    input: { id: saved.id, address: { city: "Shelbyville" }, isDefaultBilling: true },
    status: 200,
    body: saved,
  },
  {
    name: "a removed address",
    path: `/v1/me/addresses/${saved.id}`,
    ask: { method: "DELETE" },
    core: "users.addresses.delete",
    answer: null,
    input: { id: saved.id },
    status: 204,
    body: null,
  },
  {
    name: "saved payment methods",
    path: "/v1/me/payment-methods",
    ask: {},
    core: "payments.savedMethods",
    answer: { items: [savedCard] },
    status: 200,
    body: { items: [savedCard] },
  },
  {
    name: "a removed payment method",
    path: `/v1/me/payment-methods/${savedCard.id}`,
    ask: { method: "DELETE" },
    core: "payments.removeSavedMethod",
    answer: null,
    input: { id: savedCard.id },
    status: 204,
    body: null,
  },
];

for (const { name, path, ask, core, answer: coreAnswer, input, status, body } of cases) {
  test(`${status}: ${name}, for the customer who asks and for no cache`, async () => {
    const { headers, customerId } = await edge.signIn();
    edge.core.on(core, () => coreAnswer);
    const answer = await edge.ask(path, { ...ask, headers });
    expect(answer.status).toBe(status);
    expect(answer.headers.get("cache-control")).toBe("private, no-store");
    expect(body === null ? await answer.text() : await answer.json()).toEqual(body ?? "");
    const call = edge.core.callsOf(core).at(-1);
    expect(call?.claims.actor).toMatchObject({ kind: "customer", customerId });
    if (input !== undefined) expect(call?.input).toEqual(input);
  });

  test(`401 and 404: ${name}, for a guest and for whom core does not know`, async () => {
    expect((await edge.ask(path, ask)).status).toBe(401);
    const { headers } = await edge.signIn();
    edge.core.refuse(core, "not_found");
    expect((await edge.ask(path, { ...ask, headers })).status).toBe(404);
  });
}

test("200: the customer's orders, a page at a time", async () => {
  const { headers } = await edge.signIn();
  const view = orderView();
  edge.core.on("orders.mine", () => ({ items: [storedOrder(view)], nextCursor: "next", total: 2 }));
  const answer = await edge.ask("/v1/me/orders?limit=1&cursor=abc", { headers });
  expect(await answer.json()).toEqual({ items: [view], nextCursor: "next", total: 2 });
  expect(edge.core.calls.at(-1)?.input).toEqual({ limit: 1, cursor: "abc" });
});

test("422: a role, an e-mail, an id or an owner of one's own choosing", async () => {
  const { headers } = await edge.signIn();
  for (const body of [{ role: "admin" }, { email: "x@shop.example" }, { customerId: newId("cus") }, { name: "" }]) {
    expect((await edge.ask("/v1/me", { method: "PATCH", body, headers })).status).toBe(422);
  }
  expect((await edge.ask("/v1/me/addresses", { body: { ...address, customerId: newId("cus") }, headers })).status).toBe(
    422,
  );
  expect((await edge.ask("/v1/me/orders?limit=0", { headers })).status).toBe(422);
});

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { newId } from "@stoa/kernel";
import type { CorePath } from "../testing/core-double.ts";
import { type Ask, type EdgeUnderTest, edgeUnderTest, TEST_ADDRESS_HEADER } from "../testing/edge-under-test.ts";
import { cartView, usd } from "../testing/fixtures.ts";

let edge: EdgeUnderTest;
beforeAll(async () => {
  edge = await edgeUnderTest();
});
afterAll(() => edge[Symbol.asyncDispose]());

const cartId = newId("cart");
const giftCardId = newId("gft");
const code = "AAAAA-BBBBB-CCCCC-DDDDD";
const cart = cartView({
  id: cartId,
  amountDue: usd(500),
  giftCards: [{ id: giftCardId, kind: "gift_card", last4: "DDDD", amount: usd(1_500) }],
});

interface Call {
  readonly core: CorePath;
  readonly path: string;
  readonly ask: Ask;
  readonly input: unknown;
}
const apply: Call = {
  core: "carts.applyGiftCard",
  path: `/v1/carts/${cartId}/gift-cards`,
  ask: { method: "POST", body: { code } },
  input: { cartId, code },
};
const remove: Call = {
  core: "carts.removeGiftCard",
  path: `/v1/carts/${cartId}/gift-cards/${giftCardId}`,
  ask: { method: "DELETE" },
  input: { cartId, id: giftCardId },
};
const storeCredit: Call = {
  core: "carts.useStoreCredit",
  path: `/v1/carts/${cartId}/store-credit`,
  ask: { method: "POST", body: { amount: usd(300) } },
  input: { cartId, amount: usd(300) },
};

for (const { core, path, ask, input } of [apply, remove, storeCredit]) {
  describe(`${ask.method} ${core}`, () => {
    const asked = async () => edge.ask(path, { ...ask, headers: (await edge.signIn()).headers });

    test("200: core's cart with what its cards pay, kept by no cache", async () => {
      edge.core.on(core, () => cart);
      const answer = await asked();
      expect(answer.status).toBe(200);
      expect(answer.headers.get("cache-control")).toBe("private, no-store");
      expect(await answer.json()).toEqual(cart);
      expect(edge.core.callsOf(core).at(-1)?.input).toEqual(input);
    });

    test("404: a stranger's cart is not told from one that does not exist", async () => {
      edge.core.refuse(core, "not_found");
      const answer = await asked();
      expect(answer.status).toBe(404);
      expect(await answer.json()).toMatchObject({ code: "not_found" });
    });

    test("409: a cart that was ordered changes no more", async () => {
      edge.core.refuse(core, "cart_completed");
      expect((await asked()).status).toBe(409);
    });
  });
}

test("409: a code that opens nothing", async () => {
  edge.core.refuse("carts.applyGiftCard", "gift_card_not_applicable");
  const answer = await edge.ask(apply.path, apply.ask);
  expect(await answer.json()).toMatchObject({ status: 409, code: "gift_card_not_applicable" });
});

test("422: no code, or an endless one; an amount of nothing", async () => {
  for (const wrong of [{}, { code: "" }, { code: "x".repeat(65) }, { code: 7 }]) {
    expect((await edge.ask(apply.path, { method: "POST", body: wrong })).status).toBe(422);
  }
  const { headers } = await edge.signIn();
  for (const amount of [usd(0), usd(-5), 7, { amount: 1.5, currency: "USD" }]) {
    expect((await edge.ask(storeCredit.path, { headers, method: "POST", body: { amount } })).status).toBe(422);
  }
});

test("401: store credit is for customers who are signed in", async () => {
  expect((await edge.ask(storeCredit.path, storeCredit.ask)).status).toBe(401);
  expect((await edge.ask("/v1/me/store-credit")).status).toBe(401);
});

test("200: a customer's store credit", async () => {
  const body = { items: [{ balance: usd(700) }] };
  edge.core.on("payments.storeCredit", () => body);
  const answer = await edge.ask("/v1/me/store-credit", { headers: (await edge.signIn()).headers });
  expect(answer.status).toBe(200);
  expect(await answer.json()).toEqual(body);
});

describe("a balance", () => {
  const path = "/v1/gift-cards/balance";

  test("200: is told to whoever has the code, and kept by no cache", async () => {
    const body = { last4: "DDDD", balance: usd(1_500), expiresAt: "2027-01-01T00:00:00.000Z" };
    edge.core.on("payments.giftCardBalance", () => body);
    const answer = await edge.ask(path, { method: "POST", body: { code } });
    expect(answer.status).toBe(200);
    expect(answer.headers.get("cache-control")).toBe("private, no-store");
    expect(await answer.json()).toEqual(body);
  });

  test("404: an unknown code, and never by GET", async () => {
    edge.core.refuse("payments.giftCardBalance", "not_found");
    expect((await edge.ask(path, { method: "POST", body: { code } })).status).toBe(404);
    expect((await edge.ask(`${path}?code=${code}`)).status).toBe(404);
  });

  test("429: trying codes, on the balance or on carts, comes to an end", async () => {
    const off = { perMinute: 0 };
    const limits = { read: off, write: off, checkout: off, auth: off, lookup: { perMinute: 2 } };
    await using limited = await edgeUnderTest({ settings: { limits } });
    limited.core.refuse("payments.giftCardBalance", "not_found");
    limited.core.refuse("carts.applyGiftCard", "gift_card_not_applicable");
    const headers = { [TEST_ADDRESS_HEADER]: "203.0.113.9" };
    const statuses = [];
    for (const target of [path, apply.path, path, apply.path]) {
      statuses.push((await limited.ask(target, { method: "POST", body: { code }, headers })).status);
    }
    expect(statuses).toEqual([404, 409, 429, 429]);
  });
});

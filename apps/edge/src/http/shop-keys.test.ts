import { expect, test } from "bun:test";
import { newId } from "@stoa/kernel";
import { CoreDouble } from "../testing/core-double.ts";
import { type EdgeUnderTest, edgeUnderTest, PUBLIC_URL } from "../testing/edge-under-test.ts";
import { JWT_AUDIENCE } from "./session.ts";
import { createShopKeys } from "./shop-keys.ts";

/** Edge whose keys come from a core that signs and counts. */
async function withKeys(cooldownMs: number) {
  const issuer = new CoreDouble().start();
  const edge = await edgeUnderTest({ deps: { jwks: createShopKeys(issuer.url, cooldownMs) } });
  edge.core.on("users.me", () => ({ id: "cus" }));
  return {
    issuer,
    edge,
    async [Symbol.asyncDispose]() {
      await edge[Symbol.asyncDispose]();
      await issuer.stop();
    },
  };
}

function claims() {
  const seconds = Math.floor(Date.now() / 1_000);
  const person = { sub: "u1", customerId: newId("cus"), email: "ann@shop.example", emailVerified: true };
  return { ...person, iss: PUBLIC_URL, aud: JWT_AUDIENCE, iat: seconds, exp: seconds + 300 };
}

async function statusOf(edge: EdgeUnderTest, token: string): Promise<number> {
  return (await edge.ask("/v1/me", { headers: { authorization: `Bearer ${token}` } })).status;
}

test("keys are asked for once, however many tokens there are", async () => {
  await using world = await withKeys(60_000);
  const { issuer, edge } = world;
  for (let call = 0; call < 5; call += 1) expect(await statusOf(edge, await issuer.signJwt(claims()))).toBe(200);
  expect(issuer.keyRequests).toBe(1);
});

test("a token of a new key is good at once, and those of the old key stay so", async () => {
  await using world = await withKeys(0);
  const { issuer, edge } = world;
  const old = await issuer.signJwt(claims());
  expect(await statusOf(edge, old)).toBe(200);
  issuer.rotateKeys();
  expect(await statusOf(edge, await issuer.signJwt(claims()))).toBe(200);
  expect(await statusOf(edge, old)).toBe(200);
  expect(issuer.keyRequests).toBe(2);
});

test("tokens of keys that are none are refused without a flood of calls to core", async () => {
  await using world = await withKeys(60_000);
  const { issuer, edge } = world;
  for (let call = 0; call < 20; call += 1) {
    expect(await statusOf(edge, await issuer.signJwt(claims(), undefined, `strange-${call}`))).toBe(401);
  }
  expect(issuer.keyRequests).toBe(1);
});

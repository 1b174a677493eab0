import { afterAll, beforeAll, expect, test } from "bun:test";
import { newId } from "@stoa/kernel";
import { generateKeyPair, type JWTPayload, SignJWT } from "jose";
import { type EdgeUnderTest, edgeUnderTest, PUBLIC_URL } from "../testing/edge-under-test.ts";
import { cartView } from "../testing/fixtures.ts";

let edge: EdgeUnderTest;
beforeAll(async () => {
  edge = await edgeUnderTest();
  edge.core.on("users.me", () => ({ id: "me" }));
  edge.core.on("users.updateMe", () => ({ id: "me" }));
  edge.core.on("users.session", () => null);
  edge.core.on("carts.get", () => cartView());
});
afterAll(() => edge[Symbol.asyncDispose]());

const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });
const seconds = (offset: number) => Math.floor(Date.now() / 1000) + offset;

function claims(members: JWTPayload = {}): JWTPayload {
  return {
    iss: PUBLIC_URL,
    aud: "stoa-storefront",
    sub: "user-1",
    customerId: newId("cus"),
    email: "ann@shop.example",
    emailVerified: true,
    sid: "session-1",
    exp: seconds(300),
    ...members,
  };
}

test("a session token, bare or signed, and the cookie say who calls; core is told in a signed token", async () => {
  const { token, cookie, customerId, user } = await edge.signIn();
  for (const asked of [bearer(token), bearer(`${token}.c2lnbmF0dXJl`), { headers: cookie }]) {
    expect((await edge.ask("/v1/me", asked)).status).toBe(200);
    expect(edge.core.calls.at(-1)?.claims).toMatchObject({
      iss: "stoa-edge",
      aud: "stoa-core",
      actor: { kind: "customer", customerId, userId: user.id, email: user.email, emailVerified: true },
    });
  }
});

test("401: without credentials, with unknown ones, with one that is over", async () => {
  const over = await edge.signIn({ expiresAt: "2020-01-01T00:00:00.000Z" });
  const asked = [
    {},
    bearer("x".repeat(32)),
    bearer("short"),
    { headers: over.headers },
    { headers: { authorization: "Basic abc" } },
  ];
  for (const one of asked) {
    const answer = await edge.ask("/v1/me", one);
    expect(answer.status).toBe(401);
    expect(await answer.json()).toMatchObject({ code: "unauthenticated" });
  }
});

test("a cookie that is over makes a guest, where guests may call; a bad bearer is refused there too", async () => {
  const path = `/v1/carts/${newId("cart")}`;
  const over = await edge.signIn({ expiresAt: "2020-01-01T00:00:00.000Z" });
  expect((await edge.ask(path, { headers: over.cookie })).status).toBe(200);
  expect(edge.core.calls.at(-1)?.claims.actor).toEqual({ kind: "guest" });
  expect((await edge.ask(path, bearer("x".repeat(32)))).status).toBe(401);
});

test("a session that Redis has lost is asked of core, and its token goes in no URL", async () => {
  const { token, user, customerId } = await edge.signIn({ inRedis: false });
  const found = { userId: user.id, customerId, email: user.email, emailVerified: true, expiresAt: Date.now() + 60_000 };
  edge.core.on("users.session", ({ input }) => (Object(input).token === token ? found : null));
  expect((await edge.ask("/v1/me", bearer(token))).status).toBe(200);
  expect((await edge.ask("/v1/me", bearer("y".repeat(32)))).status).toBe(401);
});

test("a JWT of the shop's is verified here, without core's help beyond its keys", async () => {
  const payload = claims();
  expect((await edge.ask("/v1/me", bearer(await edge.core.signJwt(payload)))).status).toBe(200);
  expect(edge.core.calls.at(-1)?.claims.actor).toMatchObject({ kind: "customer", customerId: payload.customerId });
});

test("401: a JWT that is forged, unsigned, over, or made for somebody else", async () => {
  const { privateKey: stranger } = await generateKeyPair("EdDSA");
  const unsigned = `${btoa('{"alg":"none"}')}.${btoa(JSON.stringify(claims()))}.`.replaceAll("=", "");
  const symmetric = await new SignJWT(claims())
    .setProtectedHeader({ alg: "HS256" })
    .sign(new TextEncoder().encode("k".repeat(32)));
  const forged = [
    await edge.core.signJwt(claims(), stranger),
    unsigned,
    symmetric,
    await edge.core.signJwt(claims({ exp: seconds(-60) })),
    await edge.core.signJwt(claims({ aud: "stoa-core" })),
    await edge.core.signJwt(claims({ iss: "https://evil.example" })),
    await edge.core.signJwt(claims({ customerId: "somebody" })),
    await edge.core.signJwt(claims({ nbf: seconds(600) })),
  ];
  for (const token of forged) expect((await edge.ask("/v1/me", bearer(token))).status).toBe(401);
});

test("403: a page of a stranger's cannot change anything with the shopper's cookie", async () => {
  const { cookie, headers } = await edge.signIn();
  const patch = { method: "PATCH", body: { name: "Ann" } };
  const strange = { origin: "https://evil.example" };
  expect((await edge.ask("/v1/me", { ...patch, headers: { ...cookie, ...strange } })).status).toBe(403);
  expect((await edge.ask("/v1/me", { ...patch, headers: { ...cookie, origin: "null" } })).status).toBe(403);
  expect((await edge.ask("/v1/me", { ...patch, headers: { ...cookie, "sec-fetch-site": "cross-site" } })).status).toBe(
    403,
  );
  expect((await edge.ask("/v1/me", { ...patch, headers: { ...cookie, origin: PUBLIC_URL } })).status).toBe(200);
  expect((await edge.ask("/v1/me", { ...patch, headers: { ...headers, ...strange } })).status).toBe(200);
});

test("behind https only the cookie counts that plain http cannot plant", async () => {
  await using secure = await edgeUnderTest({ settings: { publicUrl: "https://shop.example" } });
  secure.core.on("users.me", () => ({ id: "me" }));
  const { token, cookie } = await secure.signIn();
  expect((await secure.ask("/v1/me", { headers: cookie })).status).toBe(401);
  const answer = await secure.ask("/v1/me", { headers: { cookie: `a=b; __Secure-stoa.session_token=${token}.sig` } });
  expect(answer.status).toBe(200);
  expect(answer.headers.get("strict-transport-security")).toContain("max-age=");
});

test("503: who calls cannot be told while Redis is away", async () => {
  await using cut = await edgeUnderTest({ redisUrl: "redis://127.0.0.1:1" });
  expect((await cut.ask("/v1/me", bearer("x".repeat(32)))).status).toBe(503);
});

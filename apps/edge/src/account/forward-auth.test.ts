import { afterAll, beforeAll, expect, test } from "bun:test";
import { decodeJwt } from "jose";
import { INTERNAL_TOKEN_HEADER } from "../testing/core-double.ts";
import { type EdgeUnderTest, edgeUnderTest, TEST_ADDRESS_HEADER } from "../testing/edge-under-test.ts";

let edge: EdgeUnderTest;
beforeAll(async () => {
  edge = await edgeUnderTest();
});
afterAll(() => edge[Symbol.asyncDispose]());

test("a sign-in goes to core byte for byte, and its cookies come back", async () => {
  edge.core.answerRaw = () => {
    const headers = new Headers({ "content-type": "application/json", "set-auth-token": "t" });
    headers.append("set-cookie", "stoa.session_token=a.b; HttpOnly; Path=/");
    headers.append("set-cookie", "stoa.dont_remember=; Max-Age=0");
    return new Response('{"token":"t"}', { headers });
  };
  const raw = '{ "email":"ann@shop.example",  "password":"correct horse" }';
  const answer = await edge.ask("/v1/auth/sign-in/email?x=1", {
    raw,
    headers: { origin: "http://localhost", [TEST_ADDRESS_HEADER]: "203.0.113.7" },
  });
  expect(answer.status).toBe(200);
  expect(answer.headers.getSetCookie()).toEqual([
    "stoa.session_token=a.b; HttpOnly; Path=/",
    "stoa.dont_remember=; Max-Age=0",
  ]);
  expect(answer.headers.get("cache-control")).toBe("private, no-store");
  expect(await answer.text()).toBe('{"token":"t"}');
  const sent = edge.core.raw.at(-1);
  expect(sent?.body).toBe(raw);
  expect(new URL(sent?.request.url ?? "").search).toBe("?x=1");
  expect(sent?.request.headers.get("origin")).toBe("http://localhost");
  expect(sent?.request.headers.get("x-stoa-client-ip")).toBe("203.0.113.7");
  expect(decodeJwt(sent?.request.headers.get(INTERNAL_TOKEN_HEADER) ?? "")).toMatchObject({
    iss: "stoa-edge",
    aud: "stoa-core",
  });
});

test("the client cannot say itself who it is or where it comes from", async () => {
  edge.core.answerRaw = () => Response.json(null);
  const headers = {
    "x-stoa-client-ip": "6.6.6.6",
    [INTERNAL_TOKEN_HEADER]: "forged",
    "x-forwarded-for": "6.6.6.6",
    [TEST_ADDRESS_HEADER]: "203.0.113.8",
  };
  await edge.ask("/v1/auth/get-session", { headers });
  const sent = edge.core.raw.at(-1)?.request.headers;
  expect(sent?.get("x-stoa-client-ip")).toBe("203.0.113.8");
  expect(sent?.get(INTERNAL_TOKEN_HEADER)).not.toBe("forged");
  expect(sent?.get("x-forwarded-for")).toBeNull();
});

test("a redirect is the client's to follow", async () => {
  edge.core.answerRaw = () => new Response(null, { status: 302, headers: { location: "http://localhost/welcome" } });
  const answer = await edge.ask("/v1/auth/verify-email?token=abc");
  expect(answer.status).toBe(302);
  expect(answer.headers.get("location")).toBe("http://localhost/welcome");
});

test("404: no path but those of the contract reaches core", async () => {
  const before = edge.core.raw.length;
  for (const [method, path] of [
    ["GET", "/v1/auth"],
    ["GET", "/v1/auth/sign-in/email"],
    ["POST", "/v1/auth/admin/set-role"],
    ["GET", "/v1/auth//get-session"],
    ["GET", "/v1/auth/reset-password/a%2F..%2Fb"],
    ["POST", "/v1/auth/../../auth/sign-in/email"],
  ] as const) {
    expect([path, (await edge.ask(path, { method })).status]).toEqual([path, 404]);
  }
  expect(edge.core.raw.length).toBe(before);
});

test("413 and 429: large bodies and many tries end at edge", async () => {
  expect((await edge.ask("/v1/auth/sign-in/email", { raw: "x".repeat(300_000) })).status).toBe(413);
  const off = { perMinute: 0 };
  await using strict = await edgeUnderTest({
    settings: { limits: { read: off, write: off, checkout: off, lookup: off, auth: { perMinute: 1 } } },
  });
  strict.core.answerRaw = () => Response.json({});
  const statuses = [];
  for (let attempt = 0; attempt < 2; attempt += 1)
    statuses.push((await strict.ask("/v1/auth/sign-in/email", { body: {} })).status);
  expect(statuses).toEqual([200, 429]);
});

test("503: while core is away", async () => {
  await using lonely = await edgeUnderTest();
  await lonely.core.stop();
  expect((await lonely.ask("/v1/auth/get-session")).status).toBe(503);
});

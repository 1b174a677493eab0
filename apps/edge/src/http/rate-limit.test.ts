import { expect, test } from "bun:test";
import { fixedClock } from "@stoa/kernel";
import { edgeUnderTest, TEST_ADDRESS_HEADER } from "../testing/edge-under-test.ts";
import { RateLimiter } from "./rate-limit.ts";

const start = "2026-11-24T10:00:00.000Z";
const from = (address: string) => ({ headers: { [TEST_ADDRESS_HEADER]: address } });

test("429: calls beyond the limit of an address, with when to come again; other addresses are not touched", async () => {
  const clock = fixedClock(start);
  await using edge = await edgeUnderTest({ clock, settings: { limits: limitsOf({ read: { perMinute: 3 } }) } });
  for (const left of ["2", "1", "0"]) {
    const answer = await edge.ask("/openapi.json", from("203.0.113.1"));
    expect(answer.status).toBe(200);
    expect(answer.headers.get("ratelimit-remaining")).toBe(left);
    expect(answer.headers.get("ratelimit-limit")).toBe("3");
  }
  const refused = await edge.ask("/openapi.json", from("203.0.113.1"));
  expect(refused.status).toBe(429);
  expect(refused.headers.get("retry-after")).toBe("20");
  expect(refused.headers.get("ratelimit-remaining")).toBe("0");
  expect(await refused.json()).toMatchObject({ code: "rate_limited" });
  expect((await edge.ask("/openapi.json", from("203.0.113.2"))).status).toBe(200);
  clock.advance(20_000);
  expect((await edge.ask("/openapi.json", from("203.0.113.1"))).status).toBe(200);
});

test("a limit is not dodged by X-Forwarded-For, nor by other addresses of one IPv6 network", async () => {
  const limits = limitsOf({ read: { perMinute: 2 } });
  await using edge = await edgeUnderTest({ clock: fixedClock(start), settings: { limits } });
  const statuses: number[] = [];
  for (const host of ["1", "2", "3"]) {
    const headers = { [TEST_ADDRESS_HEADER]: `2001:db8::${host}`, "x-forwarded-for": `198.51.100.${host}` };
    statuses.push((await edge.ask("/openapi.json", { headers })).status);
  }
  expect(statuses).toEqual([200, 200, 429]);
});

test("an account has a limit of its own, from whatever address it calls", async () => {
  const limits = limitsOf({ write: { perMinute: 2 } });
  await using edge = await edgeUnderTest({ clock: fixedClock(start), settings: { limits } });
  edge.core.on("users.me", () => ({ id: "cus" }));
  const { headers } = await edge.signIn();
  const statuses: number[] = [];
  for (const host of ["1", "2", "3"]) {
    const answer = await edge.ask("/v1/me", { headers: { ...headers, [TEST_ADDRESS_HEADER]: `203.0.113.${host}` } });
    statuses.push(answer.status);
  }
  expect(statuses).toEqual([200, 200, 429]);
});

test("calls that come at once share a lease, so that Redis is asked once and none is counted for nothing", async () => {
  await using edge = await edgeUnderTest();
  const { store } = edge.parts.deps;
  let asked = 0;
  const counting = {
    ...store,
    run: (...call: Parameters<typeof store.run>) => {
      asked += 1;
      return store.run(...call);
    },
  };
  const limiter = new RateLimiter(counting, fixedClock(start));
  const limit = { perMinute: 100, lease: 50 };
  const verdicts = await Promise.all(Array.from({ length: 100 }, () => limiter.take("read", "crowd", limit)));
  expect(verdicts.filter((verdict) => verdict?.allowed)).toHaveLength(100);
  expect(asked).toBe(2);
  expect((await limiter.take("read", "crowd", limit))?.allowed).toBe(false);
});

test("calls that are taken from Redis by the lease add up to the limit and no further", async () => {
  await using edge = await edgeUnderTest();
  const clock = fixedClock(start);
  const limiter = new RateLimiter(edge.parts.deps.store, clock);
  let allowed = 0;
  for (let call = 0; call < 40; call += 1) {
    const verdict = await limiter.take("read", "subject", { perMinute: 25, lease: 10 });
    if (verdict?.allowed) allowed += 1;
  }
  expect(allowed).toBe(25);
});

test("two edges share one count", async () => {
  await using edge = await edgeUnderTest();
  const clock = fixedClock(start);
  const limiters = [1, 2].map(() => new RateLimiter(edge.parts.deps.store, clock));
  const verdicts = [];
  for (let call = 0; call < 6; call += 1)
    verdicts.push(await limiters[call % 2]?.take("write", "one", { perMinute: 4 }));
  expect(verdicts.map((verdict) => verdict?.allowed)).toEqual([true, true, true, true, false, false]);
});

test("while Redis is away each edge still counts for itself", async () => {
  await using edge = await edgeUnderTest({ redisUrl: "redis://127.0.0.1:1" });
  const limiter = new RateLimiter(edge.parts.deps.store, fixedClock(start));
  const allowed: (boolean | undefined)[] = [];
  for (let call = 0; call < 3; call += 1) allowed.push((await limiter.take("auth", "one", { perMinute: 2 }))?.allowed);
  expect(allowed).toEqual([true, true, false]);
});

function limitsOf(some: Partial<Record<"read" | "write" | "checkout" | "lookup" | "auth", { perMinute: number }>>) {
  const off = { perMinute: 0 };
  return { read: off, write: off, checkout: off, lookup: off, auth: off, ...some };
}

import { afterAll, beforeAll, expect, test } from "bun:test";
import { type Endpoint, endpoints } from "@stoa/contract";
import { type AttackTarget, attackTargets } from "./testing/attack-targets.ts";
import { type Ask, type EdgeUnderTest, edgeUnderTest } from "./testing/edge-under-test.ts";

let edge: EdgeUnderTest;
let customer: Readonly<Record<string, string>>;
beforeAll(async () => {
  edge = await edgeUnderTest();
  await edge.seedShop();
  customer = (await edge.signIn()).headers;
});
afterAll(() => edge[Symbol.asyncDispose]());

const all: readonly (readonly [Endpoint, AttackTarget])[] = endpoints.map((one) => [one, attackTargets[one.id]]);
const changing = all.filter(([{ method }]) => method !== "GET");
const withBody = all.filter(([{ body }]) => body !== undefined);

/** Asks as a signed-in customer with a fresh key, so that nothing but the attack can be at fault. */
async function attack({ method, path }: Endpoint, target: AttackTarget, change: Ask & { path?: string } = {}) {
  const before = edge.core.calls.length;
  const headers = { ...customer, "idempotency-key": crypto.randomUUID(), ...change.headers };
  const answer = await edge.ask(change.path ?? target.path, { ...change, method, headers });
  const text = await answer.text();
  return { at: `${method} ${path}`, status: answer.status, text, reachedCore: edge.core.calls.length > before };
}

async function expectRefused(asked: ReturnType<typeof attack>, status: number, what: unknown) {
  const { at, reachedCore, ...answer } = await asked;
  expect({ at, what, status: answer.status, reachedCore }).toEqual({ at, what, status, reachedCore: false });
  expect(Object.keys(JSON.parse(answer.text))).toContain("code");
}

/** Every place in a value, with the value that stands there. */
function places(value: unknown, path: readonly string[] = []): { path: readonly string[]; value: unknown }[] {
  if (value === null || typeof value !== "object") return [{ path, value }];
  const inner = Object.entries(value).flatMap(([name, member]) => places(member, [...path, name]));
  return [{ path, value }, ...inner];
}

/** A copy with another value at one place. */
function withValue(body: unknown, [name, ...rest]: readonly string[], value: unknown): unknown {
  if (name === undefined) return value;
  const copy: unknown = Array.isArray(body) ? [...body] : { ...Object(body) };
  Object.assign(Object(copy), { [name]: withValue(Object(body)[name], rest, value) });
  return copy;
}

const wrongTypes = (value: unknown): unknown[] => {
  const others = [7, "text", true, [], { $gt: "" }].filter((other) => typeof other !== typeof value);
  if (Array.isArray(value)) return [7, "text", true, { $gt: "" }];
  return typeof value === "number" ? [...others, String(value), value + 0.5] : others;
};

test("every endpoint has its target, and no target lacks its endpoint", () => {
  expect(Object.keys(attackTargets).sort()).toEqual(endpoints.map((one) => one.id).sort());
});

test("400: malformed JSON ends at the door of every call that changes something", async () => {
  for (const [one, target] of changing) {
    for (const raw of ["{", "\u0000", '{"a":', "[".repeat(1_000)])
      await expectRefused(attack(one, target, { raw }), 400, raw);
  }
});

test("413: endless bodies end at the door of every call that changes something", async () => {
  const raw = JSON.stringify({ x: "y".repeat(300_000) });
  for (const [one, target] of changing) await expectRefused(attack(one, target, { raw }), 413, "300 kB");
});

test("422: a member that is unknown, at every level of every body", async () => {
  for (const [one, target] of changing) {
    const body = target.body ?? {};
    for (const { path, value } of places(body)) {
      if (value === null || typeof value !== "object" || Array.isArray(value)) continue;
      for (const name of ["price", "role", "isAdmin", "constructor"]) {
        const changed = withValue(body, path, { ...value, [name]: 1 });
        await expectRefused(attack(one, target, { body: changed }), 422, [...path, name]);
      }
    }
    const proto = JSON.stringify(body).replace(
      /^\{/,
      body === target.body ? '{"__proto__":{"a":1},' : '{"__proto__":{"a":1}',
    );
    await expectRefused(attack(one, target, { raw: proto }), 422, "__proto__");
  }
});

test("422: a value of another type, at every place of every body", async () => {
  for (const [one, target] of withBody) {
    for (const { path, value } of places(target.body)) {
      for (const wrong of wrongTypes(value)) {
        await expectRefused(attack(one, target, { body: withValue(target.body, path, wrong) }), 422, { path, wrong });
      }
    }
  }
});

test("422: a text that is too long or holds what no text may, at every place of every body", async () => {
  for (const [one, target] of withBody) {
    for (const { path, value } of places(target.body)) {
      if (typeof value !== "string") continue;
      for (const bad of ["x".repeat(3_000), "a\u0000b", "\ud800", ""]) {
        await expectRefused(attack(one, target, { body: withValue(target.body, path, bad) }), 422, {
          path,
          bad: bad.slice(0, 5),
        });
      }
    }
  }
});

test("422: numbers that are negative, huge or no whole ones, at every place of every body", async () => {
  for (const [one, target] of withBody) {
    for (const { path, value } of places(target.body)) {
      if (typeof value !== "number") continue;
      for (const bad of [-1, 1.5, 2 ** 53, 1e300]) {
        await expectRefused(attack(one, target, { body: withValue(target.body, path, bad) }), 422, { path, bad });
      }
    }
  }
});

test("422: query values that are too long, empty, or given twice where once is meant", async () => {
  for (const [one, target] of all) {
    const [name, value] = target.query?.split("=") ?? [];
    if (name === undefined || value === undefined) continue;
    const bad = [
      `${name}=${"x".repeat(3_000)}`,
      `${name}=`,
      `${name}=%00`,
      ...(name === "sku" ? [] : [`${target.query}&${target.query}`]),
    ];
    for (const query of bad)
      await expectRefused(attack(one, target, { path: `${target.path}?${query}` }), 422, query.slice(0, 20));
  }
});

test("404: ids that cannot be, in every path that holds one", async () => {
  const bad = ["x", "cart_1", "%00", "%2e%2e%2f", "' OR 1=1 --", "a".repeat(300), "prod_00000000000000000000000000"];
  for (const [one, target] of all) {
    const id = /\/((?:cart|ord|adr)_[^/]+)/.exec(target.path)?.[1];
    if (id === undefined) continue;
    for (const other of bad) {
      await expectRefused(attack(one, target, { path: target.path.replace(id, encodeURI(other)) }), 404, other);
    }
  }
});

test("404: what is a stranger's is answered as if it did not exist, everywhere alike", async () => {
  for (const [one, target] of all) {
    if (target.owner === null) continue;
    edge.core.refuse(target.owner, "not_found");
    const body = target.body ? { body: target.body } : {};
    const { at, status, text } = await attack(one, target, body);
    expect({ at, status }).toEqual({ at, status: 404 });
    expect({ ...JSON.parse(text), requestId: "" }).toMatchObject({ code: "not_found", detail: "Not found" });
    edge.core.answers.delete(target.owner);
  }
});

test("401: every call of a customer's, without a session and with a stolen half of one", async () => {
  for (const [one, target] of all) {
    if (one.auth !== "customer") continue;
    for (const authorization of ["", "Bearer ", "Bearer x", "Bearer ey.ey.ey"]) {
      const { at, status } = await attack(one, target, { headers: { authorization } });
      expect({ at, authorization, status }).toEqual({ at, authorization, status: 401 });
    }
  }
});

test("answers about people, carts and orders are kept by no cache, also the refusals", async () => {
  for (const [{ method, cache }, target] of all) {
    const answer = await edge.ask(target.path, { method, ...(target.body ? { body: target.body } : {}) });
    if (cache === "private" || answer.status >= 400) {
      expect([method, target.path, answer.headers.get("cache-control")]).toEqual([
        method,
        target.path,
        "private, no-store",
      ]);
    }
    await answer.body?.cancel();
  }
});

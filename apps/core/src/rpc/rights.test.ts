import { expect, test } from "bun:test";
import { newId, systemClock } from "@stoa/kernel";
import { TRPCError } from "@trpc/server";
import { type Actor, refusalOf, type StaffActor } from "../platform/rpc/index.ts";
import { createRouter, type RouterDeps } from "./router.ts";

/** Stands for every service: whatever is asked of it fails the test, since no refused call may get that far. */
const untouched: object = new Proxy(() => undefined, {
  get: (_, name) => (name === Symbol.toPrimitive || name === "then" ? undefined : untouched),
  apply: () => {
    throw new Error("a call reached the shop that should have been refused");
  },
});

const router = createRouter(untouched as RouterDeps);
const paths = Object.keys(router._def.procedures);

/** What comes of calling a procedure as somebody, without any input. */
async function refusalFor(path: string, actor: Actor): Promise<string> {
  const context = { actor, requestId: "r", traceparent: null, idempotencyKey: null, clock: systemClock };
  let procedure: unknown = router.createCaller(context);
  for (const part of path.split(".")) procedure = Reflect.get(Object(procedure), part);
  try {
    if (typeof procedure !== "function") throw new Error(`${path} is no procedure`);
    await procedure();
    return "let in";
  } catch (error) {
    return error instanceof TRPCError ? refusalOf(error).code : String(error);
  }
}

const who = { userId: "u", name: "Sam", email: "sam@example.com" };
const powerless: StaffActor = { ...who, kind: "staff", staffId: newId("stf"), roles: [], rights: new Set() };
const anyStaff = ["customFields.list", "system.shop", "users.staffMe"];

test("there are procedures to ask", () => {
  expect(paths.length).toBeGreaterThan(100);
});

test("nobody is let into any procedure", async () => {
  for (const path of paths) {
    expect([path, await refusalFor(path, { kind: "system", name: "nobody" })]).toEqual([path, "unauthenticated"]);
  }
});

test("staff without any right are let into nothing but what all of them may see", async () => {
  const refusals = new Map<string, string[]>();
  for (const path of paths) {
    const code = await refusalFor(path, powerless);
    refusals.set(code, [...(refusals.get(code) ?? []), path]);
  }
  const forbidden = refusals.get("forbidden") ?? [];
  const notForStaff = refusals.get("unauthenticated") ?? [];
  expect(paths.filter((path) => !forbidden.includes(path) && !notForStaff.includes(path)).sort()).toEqual(anyStaff);
  expect(forbidden.length).toBeGreaterThan(50);
});

test("no shopper is let into what is for staff", async () => {
  const customer = {
    kind: "customer",
    customerId: newId("cus"),
    userId: "u",
    email: who.email,
    emailVerified: true,
  } as const;
  for (const path of paths) {
    if ((await refusalFor(path, powerless)) === "unauthenticated") continue;
    for (const actor of [{ kind: "guest" } as const, customer]) {
      expect([path, actor.kind, await refusalFor(path, actor)]).toEqual([path, actor.kind, "unauthenticated"]);
    }
  }
});

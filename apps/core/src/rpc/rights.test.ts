import { expect, test } from "bun:test";
import { newId } from "@stoa/kernel";
import { paths, powerless, refusalFor } from "./testing/procedures.ts";

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
    email: "sam@example.com",
    emailVerified: true,
  } as const;
  for (const path of paths) {
    if ((await refusalFor(path, powerless)) === "unauthenticated") continue;
    for (const actor of [{ kind: "guest" } as const, customer]) {
      expect([path, actor.kind, await refusalFor(path, actor)]).toEqual([path, actor.kind, "unauthenticated"]);
    }
  }
});

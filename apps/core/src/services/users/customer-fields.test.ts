import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { newId, systemClock } from "@stoa/kernel";
import type { Right, StaffActor } from "../../platform/rpc/index.ts";
import { defineFields, noTargets } from "../../testing/index.ts";
import { heldByCustomers } from "./customer-fields.ts";
import { readProfile } from "./customers.ts";
import { createCustomerFieldsRouter } from "./fields-router.ts";
import { bothDoors, type Doors } from "./testing/doors.ts";
import { aShopper } from "./testing/shoppers.ts";
import { updateProfile } from "./update-profile.ts";

let doors: Doors;
beforeAll(async () => {
  doors = await bothDoors();
});
afterAll(() => doors[Symbol.asyncDispose]());

describe("a customer's own fields", () => {
  const byShopper = { entity: "customer", visibility: "shoppers", isShopperEditable: true };
  const vat = { ...byShopper, key: "vat", kind: "text", pattern: "[A-Z]{2}\\d{2,12}" };
  const fields = [
    vat,
    { entity: "customer", key: "tier", kind: "text", visibility: "shoppers", defaultValue: "basic" },
    { entity: "customer", key: "risk", kind: "integer" },
  ];
  const staff = (...rights: Right[]) => {
    const who = { staffId: newId("stf"), userId: "u", name: "Sam", email: "sam@example.com", roles: [] };
    const actor: StaffActor = { kind: "staff", ...who, rights: new Set(rights) };
    const context = { actor, requestId: "r", traceparent: null, idempotencyKey: null, clock: systemClock };
    return createCustomerFieldsRouter({ ...doors.deps, findTargets: noTargets }).createCaller(context);
  };
  const codeOf = (work: Promise<unknown>) =>
    work.then(
      () => "done",
      (error: { code?: string; cause?: { code: string } }) => error.cause?.code ?? error.code,
    );

  test("are theirs to say where the shop lets them, and show nothing of what is for staff", async () => {
    await defineFields(doors.deps.db, fields);
    const { actor } = await aShopper(doors);
    const { customerId } = actor;
    await staff("customers:write").save({ id: customerId, values: { risk: 3 } });
    const profile = await updateProfile(doors.deps, actor, { name: "Ada L", customFields: { vat: "DE123" } });
    expect(profile).toMatchObject({ name: "Ada L", customFields: { vat: "DE123", tier: "basic" } });
    expect((await readProfile(doors.deps, actor)).customFields).toEqual({ vat: "DE123", tier: "basic" });
    for (const customFields of [{ vat: "123" }, { risk: 1 }, { tier: "gold" }, { nope: 1 }]) {
      const refused = updateProfile(doors.deps, actor, { name: "Eve", customFields });
      expect([customFields, await codeOf(refused)]).toEqual([customFields, "validation_failed"]);
    }
    expect(await readProfile(doors.deps, actor)).toMatchObject({ name: "Ada L" });
    expect(await staff("customers:read").get({ id: customerId })).toEqual({ vat: "DE123", risk: 3 });
    expect(await Array.fromAsync(heldByCustomers(doors.deps.db, "risk"))).toEqual([
      { id: customerId, name: actor.email, value: 3 },
    ]);
    expect(await codeOf(staff("customers:read").save({ id: customerId, values: {} }))).toBe("forbidden");
    expect(await codeOf(staff("customers:read").get({ id: newId("cus") }))).toBe("not_found");
  });

  test("that are required of customers are asked for when they say any of them", async () => {
    await defineFields(doors.deps.db, [
      { ...vat, isRequired: true },
      { ...byShopper, key: "born", kind: "date" },
    ]);
    const { actor } = await aShopper(doors);
    expect(await codeOf(updateProfile(doors.deps, actor, { name: "Ada" }))).toBe("done");
    const customFields = { born: "1990-01-31" };
    expect(await codeOf(updateProfile(doors.deps, actor, { customFields }))).toBe("validation_failed");
    expect(await codeOf(updateProfile(doors.deps, actor, { customFields: { ...customFields, vat: "DE12" } }))).toBe(
      "done",
    );
  });
});

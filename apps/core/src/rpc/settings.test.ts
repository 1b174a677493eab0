import { expect, test } from "bun:test";
import { newId, systemClock } from "@stoa/kernel";
import { eq } from "drizzle-orm";
import type { Right, StaffActor } from "../platform/rpc/index.ts";
import { checkoutSetting, readSettingFresh, shopSetting } from "../platform/settings/index.ts";
import { auditLog } from "../platform/tables.ts";
import { paymentsSetting } from "../services/payments/index.ts";
import { databaseForFile } from "../testing/index.ts";
import { createSettingsRouter } from "./settings.ts";

const database = await databaseForFile();

function desk(...rights: Right[]) {
  const who = { staffId: newId("stf"), userId: "u", name: "Sam", email: "sam@example.com", roles: [] };
  const actor: StaffActor = { kind: "staff", ...who, rights: new Set(rights) };
  const context = { actor, requestId: "r", traceparent: null, idempotencyKey: null, clock: systemClock };
  return createSettingsRouter({ db: database.db }).createCaller(context);
}

test("staff say when money is taken and what goes back, and each change leaves its row in the audit chain", async () => {
  const staff = desk("settings:read", "settings:write");
  expect(await staff.checkout.get()).toEqual(checkoutSetting.fallback);
  await staff.checkout.save({ ...checkoutSetting.fallback, capture: "at_shipment" });
  await staff.payments.save({ ...paymentsSetting.fallback, providers: ["manual"], beforeHoldEnds: "leave" });
  await staff.returns.save({ windowDays: 14, refundsShipping: false });
  expect(await readSettingFresh(database.db, checkoutSetting)).toMatchObject({ capture: "at_shipment" });
  expect(await staff.payments.get()).toMatchObject({ providers: ["manual"], beforeHoldEnds: "leave" });
  expect(await staff.returns.get()).toEqual({ windowDays: 14, refundsShipping: false });
  const rows = await database.db.select().from(auditLog).where(eq(auditLog.entity, "setting")).orderBy(auditLog.seq);
  expect(rows.map(({ action, entityId }) => `${action} ${entityId}`)).toEqual([
    "settings.saved checkout",
    "settings.saved payments",
    "settings.saved returns",
  ]);
  expect(rows[0]).toMatchObject({ before: checkoutSetting.fallback, after: { capture: "at_shipment" } });
});

test("the shop's name and currencies are set by staff; its default currency is one of them", async () => {
  const staff = desk("settings:read", "settings:write");
  const shop = {
    ...shopSetting.fallback,
    name: "Kiosk",
    currencies: ["KWD", "JPY"] as const,
    defaultCurrency: "JPY" as const,
  };
  expect(await staff.shop.save({ ...shop, currencies: [...shop.currencies] })).toMatchObject({ name: "Kiosk" });
  expect(await readSettingFresh(database.db, shopSetting)).toEqual({ ...shop, currencies: ["KWD", "JPY"] });
  for (const wrong of [
    { currencies: ["KWD", "KWD", "JPY"] },
    { currencies: ["KWD"] },
    { currencies: [] },
    { locale: "not a language" },
    { colour: "red" },
  ]) {
    await expect(staff.shop.save({ ...shop, ...wrong } as never)).rejects.toMatchObject({ code: "BAD_REQUEST" });
  }
  await expect(desk("settings:read").shop.save(shop as never)).rejects.toMatchObject({ code: "FORBIDDEN" });
});

test("what cannot be is refused, and nobody reads or writes without the right", async () => {
  const staff = desk("settings:read", "settings:write");
  const strange = { ...checkoutSetting.fallback, capture: "never" } as never;
  await expect(staff.checkout.save(strange)).rejects.toBeDefined();
  await expect(staff.returns.save({ windowDays: -1, refundsShipping: true })).rejects.toBeDefined();
  await expect(staff.returns.save({ windowDays: 1, refundsShipping: true, more: 1 } as never)).rejects.toBeDefined();
  const reader = desk("settings:read");
  await expect(reader.payments.save(paymentsSetting.fallback)).rejects.toMatchObject({ code: "FORBIDDEN" });
  await expect(desk("orders:write").payments.get()).rejects.toMatchObject({ code: "FORBIDDEN" });
});

import { afterAll, beforeAll, expect, test } from "bun:test";
import { type Instant, newId, Problem, toTimestamp } from "@stoa/kernel";
import { TRPCError } from "@trpc/server";
import { sql } from "drizzle-orm";
import { verifyAuditChain } from "../../platform/audit/index.ts";
import { type Actor, type Right, refusalOf, type StaffActor } from "../../platform/rpc/index.ts";
import { createCartsRouter, getCart, listShippingMethods, takePromotionUsage, updateCart } from "./index.ts";
import { address, type CartShop, cartShop, guest, NOW, newCart } from "./testing/fixture.ts";

let shop: CartShop;
beforeAll(async () => {
  shop = await cartShop();
  shop.sell("tea", 1_000);
  shop.sell("pot", 4_000);
});
afterAll(() => shop[Symbol.asyncDispose]());

function caller(actor: Actor, idempotencyKey: string | null = null) {
  const context = { actor, requestId: "request-1", traceparent: null, idempotencyKey, clock: shop.deps.clock };
  return createCartsRouter(shop.deps).createCaller(context);
}
function staff(...rights: Right[]) {
  return caller(memberWith(rights));
}
function memberWith(rights: readonly Right[]): StaffActor {
  const staffId = newId("stf");
  return {
    ...{ kind: "staff", staffId, userId: staffId, name: "Sam", email: "sam@example.com", roles: [] },
    rights: new Set(rights),
  };
}
const manager = () => staff("promotions:read", "promotions:write", "settings:read", "settings:write");

async function refused(call: Promise<unknown>) {
  const error: unknown = await call.then(
    () => null,
    (failure: unknown) => failure,
  );
  if (error instanceof Problem) return error.code;
  if (error instanceof TRPCError) return refusalOf(error).code;
  throw new Error("was not refused");
}

const audited = async (entityId: string) =>
  (
    await shop.db.execute<{ action: string }>(
      sql`select action from platform.audit_log where entity_id = ${entityId} order by seq`,
    )
  ).map((row) => row.action);

const aCart = (items = [{ sku: "tea", quantity: 2 }]) => newCart(shop.deps, guest, { items });
const tenPercent = { kind: "percent", target: "items", basisPoints: 1_000 } as const;

test("a promotion or a shipping option whose creation is sent again by its key is there once", async () => {
  const { promotions, terms } = caller(memberWith(["promotions:write", "settings:write", "settings:read"]), "key");
  const promotion = { code: "Keyed", name: "Keyed sale", effect: tenPercent };
  const made = await promotions.create(promotion);
  expect(await promotions.create(promotion)).toEqual(made);
  expect(await audited(made.id)).toEqual(["promotion.created"]);
  expect(await refused(promotions.create({ ...promotion, name: "Another" }))).toBe("idempotency_key_reused");
  const zone = await terms.saveShippingZone({ name: "By the sea", countries: ["NL"] });
  const option = { zoneId: zone.id, name: "By bike", rates: { USD: { kind: "flat" as const, price: 300 } } };
  expect(await terms.saveShippingOption(option)).toEqual(await terms.saveShippingOption(option));
});

test("a promotion is made, seen, changed and switched off by staff, and each step is in the audit log", async () => {
  const { promotions } = manager();
  const made = await promotions.create({ code: "Spring", name: "Spring sale", effect: tenPercent });
  expect(made).toMatchObject({ code: "Spring", used: 0, version: 1, isActive: true, conditions: [] });
  const conditions = [{ kind: "minimum_subtotal" as const, amounts: { USD: 1_500 } }];
  const terms = { code: "Spring", name: "Spring sale", effect: tenPercent, conditions, usageLimit: 5 };
  const changed = await promotions.change({ id: made.id, version: 1, promotion: terms });
  expect(changed).toMatchObject({ conditions, usageLimit: 5, version: 2 });
  expect(await promotions.get({ id: made.id })).toEqual(changed);
  expect(await promotions.setActive({ id: made.id, isActive: false })).toMatchObject({ isActive: false, version: 3 });
  expect((await promotions.list({ search: "SPRI" })).items.map((one) => one.id)).toEqual([made.id]);
  expect((await promotions.list({ search: "SPRI", states: ["active", "ended"] })).total).toBe(0);
  expect((await promotions.list({ search: "SPRI", states: ["active", "inactive"] })).total).toBe(1);
  expect(await audited(made.id)).toEqual(["promotion.created", "promotion.changed", "promotion.deactivated"]);
  expect((await verifyAuditChain(shop.db)).brokenAt).toBeNull();
});

test("a stale version, a code in use, dates in the wrong order and a limit below the uses are refused", async () => {
  const { promotions } = manager();
  const terms = { name: "Any", effect: tenPercent };
  const { id } = await promotions.create({ ...terms, code: "TAKEN" });
  const other = await promotions.create({ ...terms, code: "OTHER" });
  await promotions.change({ id, version: 1, promotion: { ...terms, code: "TAKEN" } });
  expect(await refused(promotions.change({ id, version: 1, promotion: terms }))).toBe("version_conflict");
  expect(await refused(promotions.create({ ...terms, code: "taken" }))).toBe("state_conflict");
  expect(await refused(promotions.change({ id: other.id, version: 1, promotion: { ...terms, code: "Taken" } }))).toBe(
    "state_conflict",
  );
  expect(await refused(promotions.create({ ...terms, startsAt: toTimestamp(NOW), endsAt: toTimestamp(NOW) }))).toBe(
    "validation_failed",
  );
  expect(await refused(promotions.get({ id: newId("prm") }))).toBe("not_found");
  for (const email of ["a@example.com", "b@example.com"]) {
    const use = { orderId: newId("ord"), customerId: null, email, promotionIds: [id] };
    await shop.inTx((tx) => takePromotionUsage({ tx, now: NOW }, use));
  }
  const tooLow = { ...terms, code: "TAKEN", usageLimit: 1 };
  expect(await refused(promotions.change({ id, version: 2, promotion: tooLow }))).toBe("validation_failed");
  const first = await promotions.uses({ id, limit: 1 });
  const second = await promotions.uses({ id, limit: 1, cursor: first.nextCursor ?? "" });
  expect([first.total, new Set([...first.items, ...second.items].map((use) => use.orderId)).size]).toEqual([2, 2]);
  expect((await promotions.get({ id })).used).toBe(2);
});

test("a preview tells what a promotion would do to a cart, or why nothing, and changes nothing", async () => {
  const { promotions } = manager();
  const cartId = await aCart();
  const before = await getCart(shop.deps, { db: shop.db, now: NOW, actor: guest }, cartId);
  const terms = { code: "NEXT-WEEK", name: "Next week", effect: tenPercent };
  expect(await promotions.preview({ cartId, promotion: { terms } })).toMatchObject({
    discount: { amount: 200 },
    reason: null,
    before: { total: { amount: 2_000 } },
    after: { total: { amount: 1_800 } },
    lines: [{ sku: "tea", discount: { amount: 200 } }],
  });
  const later = { ...terms, startsAt: toTimestamp((NOW + 1) as Instant) };
  expect(await promotions.preview({ cartId, promotion: { terms: later } })).toMatchObject({
    discount: { amount: 0 },
    reason: "not_started",
  });
  const { id } = await promotions.create(terms);
  expect((await promotions.preview({ cartId, promotion: { id } })).discount.amount).toBe(200);
  expect(await refused(promotions.preview({ cartId: newId("cart"), promotion: { id } }))).toBe("not_found");
  expect(await getCart(shop.deps, { db: shop.db, now: NOW, actor: guest }, cartId)).toEqual(before);
});

test("a region's zone goes before its country's, and that before the worldwide one; a place belongs to one zone", async () => {
  const { terms } = manager();
  const price = (amount: number) => ({ USD: { kind: "flat" as const, price: amount } });
  const { id: usa } = await terms.saveShippingZone({ name: "USA", countries: ["US"] });
  const { id: far } = await terms.saveShippingZone({
    name: "Far states",
    regions: [
      { country: "US", region: "AK" },
      { country: "US", region: "HI" },
    ],
  });
  const option = await terms.saveShippingOption({ zoneId: usa, name: "Ground", rates: price(700) });
  await terms.saveShippingOption({ zoneId: far, name: "Air", rates: price(2_700) });
  const cartId = await aCart();
  const methodsAt = async (country: string, region?: string) => {
    const shippingAddress = { ...address, country, ...(region ? { region } : {}) };
    await shop.inTx((tx) =>
      updateCart(shop.deps, { tx, now: NOW, actor: guest }, { cartId, patch: { shippingAddress } }),
    );
    const { items } = await listShippingMethods(shop.deps, { db: shop.db, now: NOW, actor: guest }, cartId);
    return items.map((item) => item.name);
  };
  expect(await methodsAt("US", "CA")).toEqual(["Ground"]);
  expect(await methodsAt("US", "hi")).toEqual(["Air"]);
  expect(await methodsAt("GB")).toEqual(["Standard", "Express"]);

  expect(await refused(terms.saveShippingZone({ name: "America", countries: ["CA", "US"] }))).toBe("state_conflict");
  expect(await refused(terms.saveShippingZone({ name: "Everywhere" }))).toBe("state_conflict");
  expect(await refused(terms.saveShippingZone({ name: "USA", countries: ["MX"] }))).toBe("state_conflict");
  const both = await Promise.allSettled(
    ["North", "Nordic"].map((name) => terms.saveShippingZone({ name, countries: ["NO"] })),
  );
  expect(both.filter((one) => one.status === "fulfilled")).toHaveLength(1);

  await terms.saveShippingOption({ id: option.id, zoneId: usa, name: "Ground", rates: price(700), isActive: false });
  expect(await methodsAt("US", "CA")).toEqual([]);
  const listed = (await terms.shippingZones()).items.find((zone) => zone.id === far);
  expect(listed).toMatchObject({ regions: [{ country: "US", region: "ak" }, { region: "hi" }], options: [{}] });
  await terms.deleteShippingZone({ id: far });
  expect(await methodsAt("US", "hi")).toEqual([]);
  expect(await audited(far)).toEqual(["shipping_zone.saved", "shipping_zone.deleted"]);
  expect(await audited(option.id)).toEqual(["shipping_option.saved", "shipping_option.saved"]);
});

test("a tax rate is saved, holds at once, and is removed", async () => {
  const { terms } = manager();
  const rate = { country: "FR", taxClass: "standard", name: "TVA", basisPoints: 2_000, isIncluded: true };
  await terms.saveTaxRate(rate);
  await terms.saveTaxRate({ ...rate, basisPoints: 1_000 });
  const cartId = await aCart();
  const patch = { shippingAddress: { ...address, country: "FR" } };
  await shop.inTx((tx) => updateCart(shop.deps, { tx, now: NOW, actor: guest }, { cartId, patch }));
  const tax = async () => (await getCart(shop.deps, { db: shop.db, now: NOW, actor: guest }, cartId)).totals.tax.amount;
  expect(await tax()).toBe(182);
  expect((await terms.taxRates()).items).toContainEqual({ ...rate, region: "", basisPoints: 1_000 });
  await terms.deleteTaxRate({ country: "FR", taxClass: "standard" });
  expect(await tax()).toBe(0);
  expect(await refused(terms.deleteTaxRate({ country: "FR", taxClass: "standard" }))).toBe("not_found");
  expect(await audited("FR//standard")).toEqual(["tax_rate.saved", "tax_rate.saved", "tax_rate.deleted"]);
});

test("no term is seen or changed without its right, and never by a shopper", async () => {
  const id = newId("prm");
  const cartId = newId("cart");
  const rate = { country: "FR", taxClass: "standard", name: "TVA", basisPoints: 2_000, isIncluded: true };
  const everything = (as: ReturnType<typeof caller>) => ({
    reads: [
      as.promotions.list({}),
      as.promotions.get({ id }),
      as.promotions.uses({ id }),
      as.promotions.preview({ cartId, promotion: { id } }),
      as.terms.shippingZones(),
      as.terms.taxRates(),
    ],
    writes: [
      as.promotions.create({ name: "Mine", effect: tenPercent }),
      as.promotions.change({ id, version: 1, promotion: { name: "Mine", effect: tenPercent } }),
      as.promotions.setActive({ id, isActive: true }),
      as.terms.saveShippingZone({ name: "Mine" }),
      as.terms.deleteShippingZone({ id: crypto.randomUUID() }),
      as.terms.saveShippingOption({ zoneId: crypto.randomUUID(), name: "Mine", rates: {} }),
      as.terms.deleteShippingOption({ id: newId("shp") }),
      as.terms.saveTaxRate(rate),
      as.terms.deleteTaxRate(rate),
    ],
  });
  const asGuest = everything(caller(guest));
  for (const call of [...asGuest.reads, ...asGuest.writes]) expect(await refused(call)).toBe("unauthenticated");
  const asWriter = everything(staff("orders:write", "catalog:write"));
  for (const call of [...asWriter.reads, ...asWriter.writes]) expect(await refused(call)).toBe("forbidden");
  const asReader = everything(staff("promotions:read", "settings:read"));
  for (const call of asReader.writes) expect(await refused(call)).toBe("forbidden");
  await Promise.allSettled(asReader.reads);
});

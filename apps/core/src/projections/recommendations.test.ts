import { expect, test } from "bun:test";
import { keys } from "@stoa/read-models";
import { testShop } from "./testing/shop.ts";

test("what is bought together, and bestsellers, follow confirmed orders; an order told twice counts once", async () => {
  await using shop = await testShop();
  const ids = new Map<string, string>();
  for (const sku of ["TEA", "POT", "CUP", "PEN"]) ids.set(sku, await shop.publish({ title: sku, skus: [sku] }));
  await shop.projections.sweep();
  const order = (orderId: string, ...skus: string[]) => ({
    payload: { orderId, items: skus.map((sku) => ({ sku, quantity: 2 })) },
    availableAt: shop.clock.now(),
  });
  const rows = [order("a", "TEA", "POT"), order("b", "TEA", "POT", "CUP"), order("c", "CUP", "SOLD-NO-MORE")];
  await shop.projections.handlers["order.confirmed"]?.([...rows, ...rows]);
  await shop.projections.refreshRecommendations();
  const list = async (key: string) => JSON.parse((await shop.redis.get(key)) ?? "[]");
  const named = (...skus: string[]) => skus.map((sku) => ids.get(sku) ?? "");
  const withTea = await list(keys.recommendations("bought-together", ids.get("TEA") ?? ""));
  expect(withTea).toEqual(named("POT", "CUP", "PEN"));
  expect((await list(keys.bestsellers())).toSorted()).toEqual(named("TEA", "POT", "CUP", "PEN").toSorted());
  expect((await list(keys.bestsellers())).at(-1)).toBe(ids.get("PEN"));
  shop.clock.advance(5_000);
  await shop.projections.sweep();
  const sold = new Map((await shop.index.documents()).map((found) => [found.title, found.sold]));
  expect(Object.fromEntries(sold)).toEqual({ TEA: 4, POT: 4, CUP: 4, PEN: 0 });
});

import { expect, test } from "bun:test";
import type { Instant } from "@stoa/kernel";
import { keys } from "@stoa/read-models";
import { updateProduct } from "../services/catalog/index.ts";
import { catalogContext, testShop, untold } from "./testing/shop.ts";

test("what a Redis had not handed on before another took its place is written anew, once", async () => {
  await using shop = await testShop();
  let server: string | null = "first";
  const retold: Instant[] = [];
  const core = shop.anotherCore({ server: async () => server, retell: async (since) => retold.push(since) });
  const id = await shop.publish({ title: "Lamp" });
  await core.sweep();
  const before = await shop.redis.mget(keys.summary("USD", id), keys.product("USD", "lamp"), keys.productBase(id));
  await updateProduct(catalogContext(shop, untold), { id, version: 2, patch: { title: { "en-US": "Bright lamp" } } });
  await core.sweep();
  expect([(await shop.summary(id))?.title, retold]).toEqual(["Bright lamp", []]);

  // The replica that takes over is behind by the last change, and core has long taken its mark off.
  const [summary = "", product = "", base = ""] = before.map((text) => text ?? "");
  const behind = [keys.summary("USD", id), summary, keys.product("USD", "lamp"), product, keys.productBase(id), base];
  await shop.redis.mset(...behind);
  server = null;
  await core.sweep();
  expect((await shop.summary(id))?.title).toBe("Lamp");
  server = "second";
  await core.sweep();
  expect((await shop.summary(id))?.title).toBe("Bright lamp");
  expect(retold).toEqual([(shop.clock.now() - 10 * 60_000) as Instant]);
  await core.sweep();
  expect(retold).toHaveLength(1);
});

import { expect, test } from "bun:test";
import { keys } from "@stoa/read-models";
import { type TestShop, testShop } from "./testing/shop.ts";

/** Takes away what every product has, as a hand in the database might, or a release that wrote products otherwise. */
async function damage({ catalog }: TestShop, id: string, member: "variants" | "media" | "title"): Promise<void> {
  await catalog.products.updateOne({ _id: id as never }, { $unset: { [member]: "" }, $set: { dirty: true } });
}

for (const member of ["variants", "media", "title"] as const) {
  test(`a product without its ${member} keeps no other from being shown, and is named to whoever looks after the shop`, async () => {
    await using shop = await testShop();
    const broken = await shop.publish({ title: "Broken" });
    const whole = await shop.publish({ title: "Whole" });
    await damage(shop, broken, member);
    await shop.projections.sweep();
    expect((await shop.summary(whole))?.title).toBe("Whole");
    expect(String(shop.failures[0])).toContain(broken);
    expect(await shop.catalog.products.countDocuments({ dirty: true })).toBe(1);
  });

  test(`a Redis that has lost everything is filled again although a product has lost its ${member}`, async () => {
    await using shop = await testShop();
    const broken = await shop.publish({ title: "Broken" });
    const whole = await shop.publish({ title: "Whole" });
    await shop.projections.sweep();
    await damage(shop, broken, member);
    await shop.redis.flushdb();
    await shop.projections.sweep();
    await shop.projections.refreshSitemap();
    expect((await shop.summary(whole))?.title).toBe("Whole");
    expect(await shop.redis.exists(keys.ready(), keys.sitemap(), keys.bestsellers())).toBe(3);
  });
}

test("what was told of a product stays as it was once the product is damaged, and nothing else waits for it", async () => {
  await using shop = await testShop();
  const broken = await shop.publish({ title: "Broken" });
  await shop.projections.sweep();
  await damage(shop, broken, "media");
  const late = await shop.publish({ title: "Late" });
  shop.projections.catalogChanged({ products: [broken, late], categories: false });
  await shop.projections.idle();
  expect((await shop.summary(broken))?.title).toBe("Broken");
  expect((await shop.summary(late))?.title).toBe("Late");
});

test("a damaged product whose hour has come keeps no other from being shown", async () => {
  await using shop = await testShop();
  const broken = await shop.publish({ title: "Broken" });
  await shop.projections.sweep();
  await damage(shop, broken, "variants");
  await shop.catalog.products.updateOne({ _id: broken }, { $set: { unpublishAt: shop.clock.now() } });
  const whole = await shop.publish({ title: "Whole" });
  shop.clock.advance(60_000);
  await shop.projections.sweep();
  expect((await shop.summary(whole))?.title).toBe("Whole");
});

import { expect, setDefaultTimeout, test } from "bun:test";
import { openStores, verify } from "@stoa/verifier";
import { atATime } from "../concurrency/crowd.ts";
import { Stream } from "../explorer/random.ts";
import { buy, firstShippingMethod } from "./buy.ts";
import { untilWhole } from "./process-level.ts";
import { openProcessShop, RARE } from "./shop.ts";

setDefaultTimeout(300_000);

const BUYERS = 1_000;
const AT_A_TIME = 64;

test("a thousand buyers of a hundred units over REST, 64 at a time, some of them declined, leave exactly a hundred confirmed and every invariant whole", async () => {
  await using shop = await openProcessShop();
  const { sku, units } = RARE;
  const shippingMethod = await firstShippingMethod(shop.edgeUrl, sku);
  const stream = new Stream(1, "buyers");
  const cards = Array.from({ length: BUYERS }, () =>
    stream.chance(0.2) ? "pm_card_visa_chargeDeclined" : "pm_card_visa",
  );
  const outcomes: string[] = [];
  const all = (paymentMethods: readonly string[]) =>
    atATime(AT_A_TIME, paymentMethods, async (paymentMethod) => {
      outcomes.push(await buy(shop.edgeUrl, { sku, shippingMethod, paymentMethod }));
    });
  await all(cards);
  expect(await untilWhole(shop)).toEqual([]);
  const confirmed = async () => {
    const [row] =
      await shop.sql`select count(*)::int as count from orders."order" where state in ('confirmed', 'completed')`;
    return row?.count;
  };
  // A unit that a declined buyer held for a moment was refused to others; they come again, as people do.
  for (let round = 0; round < 5 && (await confirmed()) < units; round += 1) {
    await all(Array.from({ length: AT_A_TIME }, () => "pm_card_visa"));
    expect(await untilWhole(shop)).toEqual([]);
  }
  expect(await confirmed()).toBe(units);
  expect(outcomes.filter((outcome) => outcome.startsWith("no answer"))).toEqual([]);
  const [stock] = await shop.sql`
    select sum(reserved)::int as reserved, sum(allocated)::int as allocated from inventory.stock_level where sku = ${sku}`;
  expect(stock).toEqual({ reserved: 0, allocated: units });
  await using stores = await openStores(shop.storeUrls);
  const reports = await verify(stores, { mode: "settled", now: new Date(), rebuild: shop.rebuild });
  expect(reports.filter(({ verdict }) => verdict !== "holds")).toEqual([]);
});

import { expect, setDefaultTimeout, test } from "bun:test";
import { type FulfilmentId, Problem } from "@stoa/kernel";
import fc from "fast-check";
import { cancelLines } from "./cancel-lines.ts";
import { act, countersOf } from "./testing/after-sale.ts";
import { aKit, aSku, sweepUntilQuiet } from "./testing/checkout.ts";
import { edit, one } from "./testing/edits.ts";
import { inTwoPlaces, pack, shelves, ship } from "./testing/places.ts";
import { shopForFile } from "./testing/shop-for-file.ts";

setDefaultTimeout(60_000);

const shop = await shopForFile();

test("a unit that is cancelled is none of those that a parcel of another place has packed", async () => {
  const { orderId, sku, house, other } = await inTwoPlaces(shop);
  const parcel = await pack(shop, orderId, sku, 2, house);
  await act(shop, (context) => cancelLines(context, { orderId, items: [one(sku)] }));
  await sweepUntilQuiet(shop);
  expect(await shelves(shop, sku, [house, other])).toEqual([
    [2, 2],
    [1, 0],
  ]);
  await ship(shop, parcel);
  expect(await shelves(shop, sku, [house, other])).toEqual([
    [0, 0],
    [1, 0],
  ]);
});

test("nor is one that an edit takes out, nor a part of a kit", async () => {
  const { orderId, sku, bought, house, other } = await inTwoPlaces(shop, [2, 1], (part) => aKit(shop, { [part]: 1 }));
  const parcel = await pack(shop, orderId, bought, 2, house);
  const extra = await aSku(shop, 2);
  await edit(shop, orderId, { remove: [one(bought)], add: [one(extra)] });
  await sweepUntilQuiet(shop);
  await ship(shop, parcel);
  expect(await shelves(shop, sku, [house, other])).toEqual([
    [0, 0],
    [1, 0],
  ]);
});

test("a parcel of no place in particular leaves others what they have packed at theirs", async () => {
  const { orderId, sku, house, other } = await inTwoPlaces(shop);
  const parcel = await pack(shop, orderId, sku, 2, house);
  await ship(shop, await pack(shop, orderId, sku, 1));
  expect(await shelves(shop, sku, [house, other])).toEqual([
    [2, 2],
    [0, 0],
  ]);
  await ship(shop, parcel);
  expect(await shelves(shop, sku, [house, other])).toEqual([
    [0, 0],
    [0, 0],
  ]);
});

test("what one parcel of a place has packed is not packed into another there", async () => {
  const { orderId, sku, house, other } = await inTwoPlaces(shop);
  const first = await pack(shop, orderId, sku, 1, house);
  await expect(pack(shop, orderId, sku, 2, house)).rejects.toMatchObject({ code: "state_conflict" });
  const [second, third] = [await pack(shop, orderId, sku, 1, house), await pack(shop, orderId, sku, 1, other)];
  for (const parcel of [third, second, first]) await ship(shop, parcel);
  expect(await shelves(shop, sku, [house, other])).toEqual([
    [0, 0],
    [0, 0],
  ]);
});

/** Each of them can. */
async function leave(parcels: readonly FulfilmentId[]): Promise<void> {
  for (const parcel of parcels) await ship(shop, parcel);
}

test("whatever is packed where, cancelled and edited, every parcel leaves with what it has in hand", async () => {
  const acts = fc.record({
    kind: fc.constantFrom("pack here", "pack there", "pack", "cancel", "edit", "ship"),
    quantity: fc.integer({ min: 1, max: 2 }),
    isSettled: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(acts, { minLength: 3, maxLength: 8 }), async (steps) => {
      const { orderId, sku, house, other } = await inTwoPlaces(shop, [3, 2]);
      const extra = await aSku(shop, 20);
      const waiting: FulfilmentId[] = [];
      for (const { kind, quantity, isSettled } of steps) {
        const done = async () => {
          const items = [one(sku, quantity)];
          if (kind === "ship") await leave(waiting.splice(-1));
          else if (kind === "cancel") await act(shop, (context) => cancelLines(context, { orderId, items }));
          else if (kind === "edit") await edit(shop, orderId, { remove: items, add: [one(extra)] });
          else {
            const place = kind === "pack here" ? house : kind === "pack there" ? other : undefined;
            waiting.push(await pack(shop, orderId, sku, quantity, place));
          }
        };
        await done().catch((error: unknown) => {
          if (kind === "ship" || !(error instanceof Problem)) throw error;
        });
        if (isSettled) await sweepUntilQuiet(shop);
      }
      await sweepUntilQuiet(shop);
      await leave(waiting);
      const [ordered] = await countersOf(shop, orderId);
      const left = await shelves(shop, sku, [house, other]);
      expect(left.reduce((sum, [onHand = 0]) => sum + onHand, 0)).toBe(5 - (ordered?.shipped ?? 0));
    }),
    { numRuns: 10 },
  );
}, 120_000);

import { test } from "bun:test";
import { Problem } from "@stoa/kernel";
import fc from "fast-check";
import { cancelLines } from "./cancel-lines.ts";
import { act, aReturnOf, shipped } from "./testing/after-sale.ts";
import { at, edit, one } from "./testing/edits.ts";
import { anOrderOf, aShelfOfKits, expectShelves } from "./testing/kits.ts";
import { shopForFile } from "./testing/shop-for-file.ts";

const shop = await shopForFile();

test("whatever is done to kits and their parts, the shelf holds just what the orders say", async () => {
  const acts = fc.record({
    kind: fc.constantFrom("edit", "cancel", "ship", "return"),
    isKit: fc.boolean(),
    quantity: fc.integer({ min: 1, max: 2 }),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(acts, { minLength: 2, maxLength: 7 }), async (steps) => {
      const shelf = await aShelfOfKits(shop);
      const orderId = await anOrderOf(shop, { [shelf.kit]: 3, [shelf.bolt]: 3 });
      for (const { kind, isKit, quantity } of steps) {
        const [sku, other] = isKit ? [shelf.kit, shelf.board] : [shelf.bolt, shelf.kit];
        const done = async () => {
          const items = [one(sku, quantity)];
          if (kind === "edit") await edit(shop, orderId, { remove: items, add: [at(other, 1)] });
          else if (kind === "cancel") await act(shop, (context) => cancelLines(context, { orderId, items }));
          else if (kind === "ship") await shipped(shop, orderId, { items });
          else await aReturnOf(shop, orderId, { sku, restock: quantity - 1, writeOff: 1 });
        };
        await done().catch((error: unknown) => {
          if (!(error instanceof Problem)) throw error;
        });
        await expectShelves(shop, shelf, orderId);
      }
    }),
    { numRuns: 12 },
  );
}, 120_000);

import { test } from "bun:test";
import { Problem } from "@stoa/kernel";
import fc from "fast-check";
import { aSoldOrder } from "./testing/after-sale.ts";
import { aSku, sweepUntilQuiet } from "./testing/checkout.ts";
import { at, edit, expectExact, one, payEdit } from "./testing/edits.ts";
import { shopForFile } from "./testing/shop-for-file.ts";

const shop = await shopForFile();

test("after any edits the order adds up, and what is kept is what was taken less what went back", async () => {
  const step = fc.record({
    out: fc.nat({ max: 2 }),
    from: fc.nat({ max: 2 }),
    add: fc.nat({ max: 2 }),
    amount: fc.integer({ min: 0, max: 9_999 }),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 4 }), async (steps) => {
      const { orderId, skus } = await aSoldOrder(shop, [3, 3, 2]);
      for (const { out, from, add, amount } of steps) {
        const extra = await aSku(shop, 5);
        const change = {
          remove: out === 0 ? [] : [one(skus[from] ?? "", out)],
          add: add === 0 ? [] : [at(extra, amount, add)],
        };
        if (change.remove.length + change.add.length === 0) continue;
        const committed = await edit(shop, orderId, change).catch((error: unknown) => {
          if (error instanceof Problem && error.code === "state_conflict") return null;
          throw error;
        });
        if (committed?.state === "awaiting_payment") await payEdit(shop, committed);
        await sweepUntilQuiet(shop);
        await expectExact(shop, orderId);
      }
    }),
    { numRuns: 6 },
  );
}, 120_000);

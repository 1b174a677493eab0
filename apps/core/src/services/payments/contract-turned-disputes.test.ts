import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { listDisputes } from "./disputes.ts";
import { orderWith, payAll, providers, takenOf, tell } from "./testing/provider-contract.ts";
import { balances, capture, paymentRow, type TestShop, testShop } from "./testing/shop.ts";
import { trialBalance } from "./trial-balance.ts";

let shop: TestShop;
beforeAll(async () => {
  shop = await testShop();
});
afterAll(() => shop[Symbol.asyncDispose]());

type Told = "opened" | "won" | "lost" | "reversal";

/** What is told, hour by hour, and what it comes to in whatever order it arrives: the disputes' ends, and what they took. */
const stories: readonly { readonly told: readonly Told[]; readonly ends: readonly string[]; readonly taken: number }[] =
  [
    { told: ["lost", "won"], ends: ["won"], taken: 0 },
    { told: ["won", "lost"], ends: ["lost"], taken: 5_200 },
    { told: ["opened", "lost", "won"], ends: ["won"], taken: 0 },
    { told: ["won", "lost", "won"], ends: ["won"], taken: 0 },
    { told: ["lost", "won", "lost"], ends: ["lost"], taken: 5_200 },
    { told: ["won", "lost", "won", "lost"], ends: ["lost"], taken: 5_200 },
  ];
/** PayPal takes money back by itself, too, and tells of that apart from the dispute. */
const withReversals: typeof stories = [
  { told: ["opened", "reversal", "won"], ends: ["won"], taken: 0 },
  { told: ["won", "reversal"], ends: ["lost", "won"], taken: 5_200 },
  // That the shop has won is told once more, which gives nothing back a second time.
  { told: ["won", "reversal", "won"], ends: ["lost", "won"], taken: 5_200 },
  { told: ["won", "reversal", "lost"], ends: ["lost"], taken: 5_200 },
  { told: ["reversal", "lost", "won"], ends: ["won"], taken: 0 },
];

function inEveryOrder<Item>(items: readonly Item[]): Item[][] {
  if (items.length < 2) return [[...items]];
  return items.flatMap((item, at) => inEveryOrder(items.toSpliced(at, 1)).map((rest) => [item, ...rest]));
}

for (const provider of providers) {
  const { name, disputeEvent, reversal } = provider;
  if (disputeEvent === null) continue;
  describe(`a dispute whose end is turned round (${name})`, () => {
    for (const { told, ends, taken } of [...stories, ...(name === "paypal" ? withReversals : [])]) {
      test(`${told.join(", ")}: ${ends.join(" and ")}, in any order`, async () => {
        for (const order of inEveryOrder([...told.keys()])) {
          const paid = orderWith(provider);
          await payAll(shop, paid);
          await capture(shop, paid, true);
          const money = await takenOf(shop, paid);
          const before = await balances(shop);
          const bodies = order.map((hour) => {
            const what = told[hour] ?? "opened";
            return what === "reversal" ? reversal?.(money, hour) : disputeEvent(money, what, hour);
          });
          for (const body of [...bodies, ...bodies]) await tell(shop, name, body ?? {});
          const after = await balances(shop);
          const changeOf = (account: string) =>
            (after[`${name}.${account}`] ?? 0) - (before[`${name}.${account}`] ?? 0);
          expect([order, changeOf("disputes"), changeOf("balance")]).toEqual([order, taken, 0 - taken]);
          const { items } = await listDisputes(shop.db, { limit: 100 });
          const own = items.filter((item) => item.orderId === paid.orderId);
          expect([order, own.map(({ state }): string => state).sort()]).toEqual([order, [...ends]]);
          expect(await paymentRow(shop, paid)).toMatchObject({ refundHeld: taken, captured: 5_200 });
        }
        expect((await trialBalance(shop.db)).isBalanced).toBe(true);
      });
    }
  });
}

import { afterAll, beforeAll, expect, test } from "bun:test";
import { newId, type OrderId, Problem } from "@stoa/kernel";
import { eq } from "drizzle-orm";
import fc from "fast-check";
import { giftCard } from "../tables.ts";
import { adjustGiftCard } from "./change-gift-card.ts";
import { redeemCredits, releaseCredits } from "./hold-credits.ts";
import { refundToCredits } from "./refund-credits.ts";
import { type CreditShop, creditShop, staffActor } from "./testing/cards.ts";
import { verifyCredits } from "./verify-credits.ts";

let shop: CreditShop;
beforeAll(async () => {
  shop = await creditShop();
});
afterAll(() => shop[Symbol.asyncDispose]());

type Command = {
  readonly do: "hold" | "release" | "redeem" | "refund" | "adjust";
  readonly order: number;
  readonly amount: number;
};

const commands: fc.Arbitrary<Command[]> = fc.array(
  fc.record({
    do: fc.constantFrom("hold", "release", "redeem", "refund", "adjust"),
    order: fc.integer({ min: 0, max: 3 }),
    amount: fc.integer({ min: 1, max: 60 }),
  }),
  { maxLength: 25 },
);

interface Model {
  balance: number;
  readonly orders: Map<number, { state: "held" | "released" | "redeemed"; readonly amount: number; refunded: number }>;
}

/** What must come of a command; false when it is to be refused. */
function expected(model: Model, { do: what, order: index, amount }: Command): boolean {
  const order = model.orders.get(index);
  const held = [...model.orders.values()].reduce((sum, one) => sum + (one.state === "held" ? one.amount : 0), 0);
  switch (what) {
    case "hold":
      if (order) return true;
      if (model.balance - held < amount) return false;
      model.orders.set(index, { state: "held", amount, refunded: 0 });
      return true;
    case "release":
      if (order?.state === "held") order.state = "released";
      return true;
    case "redeem":
      if (order?.state === "released") return false;
      if (order?.state === "held") {
        order.state = "redeemed";
        model.balance -= order.amount;
      }
      return true;
    case "refund":
      if (order?.state !== "redeemed" || order.amount - order.refunded < amount) return false;
      order.refunded += amount;
      model.balance += amount;
      return true;
    case "adjust":
      if (model.balance - held < amount) return false;
      model.balance -= amount;
      return true;
  }
}

test("whatever is done in whatever order, a card stands where a model of ten lines says", async () => {
  await fc.assert(
    fc.asyncProperty(commands, async (list) => {
      const { giftCardId } = await shop.card(100);
      const orders: OrderId[] = Array.from({ length: 4 }, () => newId("ord"));
      const model: Model = { balance: 100, orders: new Map() };
      for (const [step, command] of list.entries()) {
        const orderId = orders[command.order] ?? newId("ord");
        const { amount } = command;
        const entry = { orderId, amount, cause: `step ${step}`, reason: null, actor: staffActor };
        const work = {
          hold: () => shop.hold(giftCardId, amount, orderId),
          release: () => shop.run((context) => releaseCredits(context, { orderId })),
          redeem: () => shop.run((context) => redeemCredits(context, { orderId })),
          refund: () => shop.run((context) => refundToCredits(context, entry)),
          adjust: () =>
            shop.run((context) =>
              adjustGiftCard(context, {
                giftCardId,
                amount: { amount: -amount, currency: "USD" },
                reason: "less",
                actor: staffActor,
              }),
            ),
        }[command.do];
        const isDone = await work().then(
          () => true,
          (error: unknown) => {
            if (!(error instanceof Problem) && !String(error).includes("has been released")) throw error;
            return false;
          },
        );
        expect([command, isDone]).toEqual([command, expected(model, command)]);
      }
      const [row] = await shop.db.select().from(giftCard).where(eq(giftCard.id, giftCardId));
      const held = [...model.orders.values()].reduce((sum, one) => sum + (one.state === "held" ? one.amount : 0), 0);
      expect({ balance: row?.balance, held: row?.held }).toEqual({ balance: model.balance, held });
    }),
    { numRuns: 40 },
  );
  expect(await verifyCredits(shop.db)).toEqual([]);
}, 60_000);

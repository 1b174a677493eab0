import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { type CustomerId, newId, type SavedMethodId } from "@stoa/kernel";
import { transact } from "../../platform/db/index.ts";
import { paymentOfOrder } from "./payment-of-order.ts";
import { listSavedMethods, removeSavedMethod } from "./saved/saved-methods.ts";
import { sweepSavedMethods } from "./saved/sweep-saved-methods.ts";
import { approveOnly, orderWith, payAll, providers } from "./testing/provider-contract.ts";
import {
  authorize,
  capture,
  decide,
  release,
  type TestOrder,
  type TestShop,
  testOrder,
  testShop,
} from "./testing/shop.ts";

let shop: TestShop;
beforeAll(async () => {
  shop = await testShop();
});
afterAll(() => shop[Symbol.asyncDispose]());

for (const provider of providers) {
  const { name, acting, faults } = provider;
  const books = (order: TestOrder) => provider.books(shop, order);
  const pay = (order: TestOrder) => payAll(shop, order);
  const approve = (order: TestOrder) => approveOnly(shop, order);
  const standIn = () => (name === "paypal" ? shop.paypal : shop.stripe);

  describe(`every provider keeps its promises: ${name}`, () => {
    if (acting !== null) {
      /** Sends the shopper where the provider wants them; answers where that is. */
      const ask = async (order: TestOrder) => {
        const asked = await authorize(shop, order);
        if (asked.kind !== "requires_action" || asked.nextAction.type !== "redirect") throw new Error(asked.kind);
        expect(await books(order)).toMatchObject({ held: 0, taken: 0 });
        expect(await paymentOfOrder(shop.db, order.orderId)).toMatchObject({ state: "requires_action" });
        return asked.nextAction.url;
      };
      const actingOrder = () => testOrder({ provider: name, returnUrl: "https://shop.example/back", ...acting });

      test("a shopper who has to act first is told where, and nothing is held until they have", async () => {
        const order = actingOrder();
        const url = await ask(order);
        expect(await ask(order)).toBe(url);
        await decide(url, "pay");
        expect(await authorize(shop, order)).toMatchObject({ kind: "authorized" });
        expect(await books(order)).toEqual({ charges: 1, held: 5_200, taken: 0, returned: 0 });
        expect(await paymentOfOrder(shop.db, order.orderId)).toMatchObject({ state: "authorized", nextAction: null });
      });

      test("a decline says why, holds nothing, and stays one", async () => {
        const order = actingOrder();
        await decide(await ask(order), "decline");
        const declined = await authorize(shop, order);
        expect(declined).toMatchObject({ kind: "declined", declineCode: expect.stringMatching(/^[a-z_]+$/) });
        expect(await authorize(shop, order)).toMatchObject({ kind: "declined" });
        expect(await books(order)).toMatchObject({ held: 0, taken: 0 });
        expect(await paymentOfOrder(shop.db, order.orderId)).toMatchObject({ state: "failed", authorizedAmount: 0 });
        await expect(capture(shop, order, true)).rejects.toMatchObject({ code: "state_conflict" });
      });
    }

    test("what a customer pays with is kept on their word, pays again for them alone, and goes when they say so", async () => {
      const customerId = newId("cus");
      const order = { ...orderWith(provider), customer: { customerId } };
      const saving = { ...order, method: { ...order.method, savePaymentMethod: true } };
      if (shop.deps.providers.get(name)?.vault === undefined) {
        return expect(pay(saving)).rejects.toMatchObject({ code: "validation_failed" });
      }
      expect(await pay(saving)).toMatchObject({ kind: "authorized" });
      const [kept] = await listSavedMethods(shop.db, customerId);
      if (!kept) throw new Error("nothing was kept");
      expect(kept).toMatchObject({ provider: name });
      const again = (owner: CustomerId, id: SavedMethodId = kept.id) => ({
        ...testOrder({ provider: name, paymentMethod: id, returnUrl: "https://shop.example/back" }),
        customer: { customerId: owner },
      });
      // Its owner has agreed before, so nobody is sent anywhere.
      const next = again(customerId);
      for (const _ of [1, 2]) expect(await authorize(shop, next)).toMatchObject({ kind: "authorized" });
      expect(await books(next)).toEqual({ charges: 1, held: 5_200, taken: 0, returned: 0 });
      await expect(authorize(shop, again(newId("cus")))).rejects.toMatchObject({ code: "validation_failed" });
      const now = shop.deps.clock.now();
      await transact(shop.db, (tx) => removeSavedMethod({ tx, now }, { customerId, id: kept.id }));
      expect(await sweepSavedMethods(shop.deps)).toMatchObject({ failed: [] });
      await expect(authorize(shop, again(customerId))).rejects.toMatchObject({ code: "validation_failed" });
    });

    for (const { verb, operation } of faults) {
      for (const kind of ["loseAnswer", "drop"] as const) {
        test(`a connection that breaks during ${verb} (${kind}) changes nothing about the end`, async () => {
          const order = orderWith(provider);
          await approve(order);
          if (verb !== "authorize") await pay(order);
          standIn().faults?.arm({ operation, action: { kind }, times: 1 });
          if (verb === "capture") await capture(shop, order);
          else if (verb === "void") await release(shop, order);
          else await authorize(shop, order);
          const expected = {
            authorize: { held: 5_200 },
            capture: { held: 0, taken: 5_200 },
            void: { held: 0, taken: 0 },
          };
          expect(await books(order)).toMatchObject({ charges: 1, ...expected[verb] });
        });
      }
    }
  });
}

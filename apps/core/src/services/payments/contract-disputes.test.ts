import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { OrderId } from "@stoa/kernel";
import { eq } from "drizzle-orm";
import type { PaymentEventDeps } from "./attempt.ts";
import { type DisputeEvidence, listDisputes, submitEvidence } from "./disputes.ts";
import { dispute } from "./tables.ts";
import { orderWith, payAll, providers, takenOf, tell } from "./testing/provider-contract.ts";
import { balances, capture, type TestOrder, type TestShop, testOrder, testShop } from "./testing/shop.ts";

let shop: TestShop;
beforeAll(async () => {
  shop = await testShop();
});
afterAll(() => shop[Symbol.asyncDispose]());

const evidenceFor = (provider: DisputeEvidence["provider"], reference: string) => ({
  provider,
  reference,
  text: "It was signed for.",
  begun: async () => undefined,
  settled: async () => undefined,
});

for (const provider of providers) {
  const { name, disputeEvent, reversal, openDispute } = provider;
  const pay = (order: TestOrder) => payAll(shop, order);

  describe(`every provider keeps its promises: ${name}`, () => {
    test(`a dispute is ${disputeEvent === null ? "nothing that it tells of" : "told by events, in any order and often, and booked once"}`, async () => {
      const adapter = shop.deps.providers.get(name);
      if (disputeEvent === null) {
        expect(() => adapter?.parseEvent("{}")).toThrow("nobody sends events");
        expect(adapter?.submitEvidence).toBeUndefined();
        return;
      }
      for (const [ends, account] of [
        [["opened", "won"], 0],
        [["won", "opened"], 0],
        [["opened", "lost"], 5_200],
        [["lost", "opened", "lost"], 5_200],
      ] as const) {
        const order = orderWith(provider);
        await pay(order);
        await capture(shop, order, true);
        const taken = await takenOf(shop, order);
        const before = (await balances(shop))[`${name}.disputes`] ?? 0;
        const bodies = ends.map((told) => disputeEvent(taken, told));
        for (const body of [...bodies, ...bodies]) await tell(shop, name, body);
        expect((await balances(shop))[`${name}.disputes`] ?? 0).toBe(before + account);
        const { items } = await listDisputes(shop.db, { limit: 100 });
        const own = items.filter((item) => item.orderId === order.orderId);
        expect(own).toMatchObject([
          { state: account === 0 ? "won" : "lost", amount: { amount: 5_200 }, provider: name },
        ]);
        expect(shop.told).toContain(order.orderId);
      }
    });

    test("money that was taken back without a dispute is booked and shown as lost, and as a dispute's where there is one", async () => {
      if (disputeEvent === null || reversal === null) return;
      const story = ["reversal", "opened", "lost"] as const;
      const orders = [["reversal"], story, [story[1], story[0], story[2]], [story[1], story[2], story[0]]] as const;
      for (const events of orders) {
        const order = orderWith(provider);
        await pay(order);
        await capture(shop, order, true);
        const taken = await takenOf(shop, order);
        const before = await balances(shop);
        const bodies = events.map((one) => (one === "reversal" ? reversal(taken) : disputeEvent(taken, one)));
        for (const body of [...bodies, ...bodies]) await tell(shop, name, body);
        const after = await balances(shop);
        const change = (account: string) => (after[account] ?? 0) - (before[account] ?? 0);
        expect([change(`${name}.disputes`), change(`${name}.balance`)]).toEqual([5_200, -5_200]);
        const { items } = await listDisputes(shop.db, { limit: 100 });
        const own = items.filter((item) => item.orderId === order.orderId);
        expect([events, own]).toMatchObject([events, [{ state: "lost", amount: { amount: 5_200 }, provider: name }]]);
        expect(own).toHaveLength(1);
      }
    });

    test("evidence is sent to the provider that tells of the dispute, once, and it says so itself", async () => {
      if (openDispute === null) return expect(shop.deps.providers.get(name)?.submitEvidence).toBeUndefined();
      const order = testOrder({ provider: name, returnUrl: "https://shop.example/back", ...openDispute.method });
      await pay(order);
      await capture(shop, order, true);
      const { reference, event } = await openDispute.open(shop, await takenOf(shop, order));
      await tell(shop, name, await event());
      const evidence = evidenceFor(name, reference);
      for (const _ of [1, 2]) {
        expect(await submitEvidence(shop.deps, evidence)).toMatchObject({ state: "evidence_sent" });
      }
      await shop.db.update(dispute).set({ state: "opened" }).where(eq(dispute.reference, reference));
      await tell(shop, name, await event());
      const { items } = await listDisputes(shop.db, { limit: 100 });
      expect(items.find((item) => item.reference === reference)).toMatchObject({
        ...{ state: "evidence_sent", orderId: order.orderId, evidence: evidence.text },
      });
      const tooLong = { ...evidence, text: "x".repeat(20_001) };
      await expect(submitEvidence(shop.deps, tooLong)).rejects.toMatchObject({ code: "validation_failed" });
    });

    test("evidence locks the order before the dispute, as the provider's news do, and is on record though it is decided by then", async () => {
      if (openDispute === null) return;
      const order = testOrder({ provider: name, returnUrl: "https://shop.example/back", ...openDispute.method });
      await pay(order);
      await capture(shop, order, true);
      const { reference, event } = await openDispute.open(shop, await takenOf(shop, order));
      await tell(shop, name, await event());
      const locked: OrderId[] = [];
      const lockOrder: PaymentEventDeps["lockOrder"] = async (_tx, orderId) => {
        locked.push(orderId);
        // News that come at this very moment: they would wait here for a row that is locked already.
        await shop.db.transaction(async (other) => {
          await other.select().from(dispute).where(eq(dispute.reference, reference)).for("update", { noWait: true });
          await other.update(dispute).set({ state: "won" }).where(eq(dispute.reference, reference));
        });
      };
      const evidence = evidenceFor(name, reference);
      expect(await submitEvidence({ ...shop.deps, lockOrder }, evidence)).toMatchObject({
        ...{ state: "won", evidence: evidence.text },
      });
      expect(locked).toEqual([order.orderId]);
    });
  });
}

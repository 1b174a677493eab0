import { expect, test } from "bun:test";
import type { Instant, ProductId } from "@stoa/kernel";
import type { Sale } from "../services/catalog/index.ts";
import { boughtTogether } from "./bought-together.ts";
import { byCount, tallySales } from "./tally.ts";

const now = Date.parse("2026-03-01T12:00:00Z") as Instant;
const DAY_MS = 86_400_000;

function sale(ids: readonly string[], members: { readonly daysAgo?: number; readonly units?: number } = {}): Sale {
  const { daysAgo = 0, units = 1 } = members;
  const items = ids.map((id) => ({ productId: id as ProductId, units }));
  return { at: (now - daysAgo * DAY_MS) as Instant, items };
}

async function* these(sales: readonly Sale[]): AsyncIterable<Sale> {
  yield* sales;
}

const times = (count: number, one: Sale): Sale[] => Array.from({ length: count }, () => one);

async function together(sales: readonly Sale[], categories: Record<string, string>) {
  const tally = await tallySales(these(sales), now);
  const similar = new Map([["new", ["tea"]]]);
  const parts = { tally, categories: new Map(Object.entries(categories)), similar, bestsellers: byCount(tally.trend) };
  return new Map(await Array.fromAsync(boughtTogether(parts)));
}

test("units count as sold; what sells now sells better than what sold once, and one bulk order is not a run", async () => {
  const tally = await tallySales(
    these([...times(3, sale(["now"])), ...times(4, sale(["once"], { daysAgo: 60 })), sale(["bulk"], { units: 9 })]),
    now,
  );
  expect(Object.fromEntries(tally.sold)).toEqual({ now: 3, once: 4, bulk: 9 });
  expect(byCount(tally.orders)).toEqual(["now", "bulk", "once"]);
  expect(tally.trend.get("bulk")).toBeLessThan(4);
});

test("what is bought together leads, not what everybody buys anyhow", async () => {
  const shop = { tea: "drinks", pot: "ware", milk: "food", pen: "office" };
  const lists = await together(
    [...times(20, sale(["tea", "pot"])), ...times(60, sale(["milk"])), ...times(5, sale(["milk", "pen"]))],
    shop,
  );
  expect(lists.get("tea")?.[0]).toBe("pot");
  expect(lists.get("pot")?.[0]).toBe("tea");
  expect(lists.get("pen")?.[0]).toBe("milk");
});

test("a new product is shown what goes with its kind, and one of a new kind what is like it", async () => {
  const shop = {
    black: "tea",
    green: "tea",
    pot: "ware",
    milk: "food",
    bread: "food",
    tea: "other",
    new: "nothing sold",
  };
  const baskets = [...times(30, sale(["black", "pot"])), ...times(20, sale(["milk", "bread"]))];
  const lists = await together(baskets, shop);
  expect(lists.get("green")?.[0]).toBe("pot");
  expect(lists.get("new")?.[0]).toBe("tea");
});

test("no list holds its own product, one that is not in the shop, or one twice, and none is too long", async () => {
  const ids = Array.from({ length: 60 }, (_, index) => `p${index}`);
  const sales = Array.from({ length: 200 }, (_, at) =>
    sale([0, 1, 2].map((step) => ids[(at * 7 + step * at) % 60] ?? "")),
  );
  const shop = Object.fromEntries(ids.slice(0, 50).map((id, at) => [id, `c${at % 4}`]));
  const lists = await together(sales, shop);
  expect(lists.size).toBe(50);
  for (const [id, list] of lists) {
    expect(list).not.toContain(id);
    expect(new Set(list).size).toBe(list.length);
    expect(list.length).toBe(20);
    for (const other of list) expect(shop[other]).toBeDefined();
  }
});

test("a thousand partners of one product are cut down to those that count", async () => {
  const crowd = Array.from({ length: 1_000 }, (_, index) => sale(["hub", `rare${index}`]));
  const tally = await tallySales(these([...times(5, sale(["hub", "friend"])), ...crowd]), now);
  expect(tally.together.get("hub")?.size).toBeLessThanOrEqual(600);
  expect(byCount(tally.together.get("hub") ?? [])[0]).toBe("friend");
});

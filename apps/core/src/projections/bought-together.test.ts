import { expect, spyOn, test } from "bun:test";
import type { Instant } from "@stoa/kernel";
import type { Sale } from "../services/catalog/index.ts";
import { boughtTogether } from "./bought-together.ts";
import { fitPriors } from "./fit-priors.ts";
import { chancesByKind, countKinds } from "./kind-chances.ts";
import { sharpenPriors } from "./sharpen-priors.ts";
import { byCount, tallySales } from "./tally.ts";
import { hasSignal } from "./tell-signal.ts";
import { categoriesOf, type LogShape, orderLog, productOf } from "./testing/order-logs.ts";

const now = Date.parse("2026-03-01T12:00:00Z") as Instant;
const SHOWN = 8;

async function* newestFirst(sales: readonly Sale[]): AsyncIterable<Sale> {
  yield* sales.toReversed();
}

async function tallyOf(sales: readonly Sale[]) {
  return tallySales(newestFirst(sales), now);
}

async function listsOf(sales: readonly Sale[]) {
  const tally = await tallyOf(sales);
  const bestsellers = byCount(tally.trend);
  const parts = { tally, categories: categoriesOf, similar: new Map(), bestsellers };
  const lists = new Map(await Array.fromAsync(boughtTogether(parts)));
  return { lists, bestsellers };
}

/** The part of what was bought in the last tenth of a log for which something else of its basket is in its list. */
async function hitsOf(shape: LogShape) {
  const sales = orderLog(shape, now);
  const cut = sales.length * 0.9;
  const { lists, bestsellers } = await listsOf(sales.slice(0, cut));
  const asked = sales.slice(cut).flatMap(({ items }) => {
    const ids = items.map(({ productId }) => productId);
    return ids.length < 2 ? [] : ids.map((id) => ({ id, others: ids.filter((other) => other !== id) }));
  });
  const share = (listOf: (id: string) => readonly string[]) => {
    const hits = asked.filter(({ id, others }) => {
      const list: readonly string[] = listOf(id).filter((other) => other !== id);
      return others.some((other) => list.slice(0, SHOWN).includes(other));
    });
    return hits.length / asked.length;
  };
  return { together: share((id) => lists.get(id) ?? []), popular: share(() => bestsellers) };
}

test("where baskets are filled by chance, the lists are exactly what sells best", async () => {
  for (const orders of [60, 300, 6_000]) {
    const { lists, bestsellers } = await listsOf(orderLog({ orders, chance: 1, rest: "partners" }, now));
    for (const [id, list] of lists) {
      const popular = bestsellers.filter((other) => other !== id);
      expect(list.slice(0, SHOWN)).toEqual(popular.slice(0, SHOWN));
    }
  }
});

test("whether baskets hold together is told from few orders as well, and nothing is concluded from hardly any", async () => {
  const told = async (shape: LogShape) => {
    const tally = await tallyOf(orderLog(shape, now));
    const counted = { tally, categories: categoriesOf, byKind: await countKinds(tally, categoriesOf) };
    return hasSignal(counted, await fitPriors(counted));
  };
  for (const orders of [300, 3_000]) {
    expect([orders, await told({ orders, chance: 1, rest: "partners" })]).toEqual([orders, false]);
    expect([orders, await told({ orders, chance: 0.3, rest: "partners" })]).toEqual([orders, true]);
    expect([orders, await told({ orders, chance: 0.3, rest: "category" })]).toEqual([orders, true]);
  }
  expect(await told({ orders: 8, chance: 1, rest: "partners" })).toBe(true);
});

test("what is bought with one of two partners is shown them first, much or hardly bought", async () => {
  const { lists } = await listsOf(orderLog({ orders: 6_000, chance: 0, rest: "partners" }, now));
  for (const at of [0, 3, 20, 60]) {
    const partners = [0, 1].map((more) => productOf((at * 31 + 17 + more) % 300));
    expect((lists.get(productOf(at)) ?? []).slice(0, 2).toSorted()).toEqual(partners.toSorted());
  }
});

test("orders that were held back are foretold as well as by bestsellers where nothing else can be known, else better", async () => {
  const chance = await hitsOf({ orders: 3_000, chance: 1, rest: "partners" });
  expect(chance.together).toBe(chance.popular);
  const half = await hitsOf({ orders: 6_000, chance: 0.6, rest: "partners" });
  expect(half.together).toBeGreaterThan(1.1 * half.popular);
  const kinds = await hitsOf({ orders: 1_500, chance: 0.2, rest: "category" });
  expect(kinds.together).toBeGreaterThan(1.3 * kinds.popular);
});

test("how much pairs are worth is told by the orders, and nothing unusual is assumed where there are none", async () => {
  const priorsOf = async (sales: readonly Sale[]) => {
    const tally = await tallyOf(sales);
    return fitPriors({ tally, categories: categoriesOf, byKind: await countKinds(tally, categoriesOf) });
  };
  const byChance = await priorsOf(orderLog({ orders: 4_000, chance: 1, rest: "partners" }, now));
  const byPartners = await priorsOf(orderLog({ orders: 4_000, chance: 0, rest: "partners" }, now));
  expect(byChance.own).toBeGreaterThan(50 * byPartners.own);
  const nothing = await priorsOf([]);
  expect(nothing.own).toBeLessThan(1_000);
});

test("lists trust pairs more than all orders together do where few baskets hold something for a reason, and no more where none does", async () => {
  const strengthsOf = async (chance: number) => {
    const tally = await tallyOf(orderLog({ orders: 3_000, chance, rest: "partners" }, now));
    const counted = { tally, categories: categoriesOf, byKind: await countKinds(tally, categoriesOf) };
    const fitted = await fitPriors(counted);
    const inKind = chancesByKind(counted, fitted, byCount(tally.trend));
    return { fitted: fitted.own, sharp: (await sharpenPriors(counted, fitted, inKind)).own };
  };
  const some = await strengthsOf(0.8);
  expect(some.sharp).toBeLessThan(some.fitted / 2);
  const none = await strengthsOf(1);
  expect(none.sharp).toBe(none.fitted);
});

/** How many turns others had during the work. */
async function turnsDuring(work: () => Promise<unknown>): Promise<number> {
  let [turns, isOver] = [0, false];
  const others = async () => {
    for (; !isOver; turns += 1) await new Promise((resolve) => setImmediate(resolve));
  };
  const waiting = others();
  await work();
  isOver = true;
  await waiting;
  return turns;
}

test("while lists are worked out of many pairs, others have their turn", async () => {
  // A turn is over at every second look at this clock, however fast the machine is.
  let passed = performance.now();
  using _ = spyOn(performance, "now").mockImplementation(() => {
    passed += 6;
    return passed;
  });
  const tally = await tallyOf(orderLog({ orders: 6_000, chance: 0.5, rest: "partners" }, now));
  const [categories, bestsellers] = [categoriesOf, byCount(tally.trend)];
  const counted = { tally, categories, byKind: await countKinds(tally, categories) };
  const fitted = await fitPriors(counted);
  const inKind = chancesByKind(counted, fitted, bestsellers);
  const lists = boughtTogether({ tally, categories, similar: new Map(), bestsellers });
  await lists.next();
  const works = {
    counting: () => countKinds(tally, categories),
    fitting: () => fitPriors(counted),
    sharpening: () => sharpenPriors(counted, fitted, inKind),
    listing: () => Array.fromAsync(lists),
  };
  for (const [name, work] of Object.entries(works)) expect([name, (await turnsDuring(work)) > 5]).toEqual([name, true]);
});

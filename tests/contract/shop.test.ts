import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { type Endpoint, endpoints } from "@stoa/contract";
import { describeCarts } from "./shop/cart-cases.ts";
import { describeCatalog } from "./shop/catalog-cases.ts";
import { describeClient } from "./shop/client-walk.ts";
import { describeEverywhere } from "./shop/everywhere.ts";
import { describeCustomFields } from "./shop/field-cases.ts";
import { describeAccount, describeCheckout, describeOrders } from "./shop/order-cases.ts";
import { type Customer, type Staff, signInOwner, signUp } from "./shop/people.ts";
import { describePriceLists } from "./shop/price-cases.ts";
import { pairsOf, Recorder } from "./shop/recorder.ts";
import { openShop, type ShopUnderTest } from "./shop/shop.ts";
import { Shopping } from "./shop/shopping.ts";

// The whole contract against a running shop: every answer is held against it, and what it names has to be seen at least once.
setDefaultTimeout(300_000);

const recorder = new Recorder(() => shop.edgeUrl);
let shop: ShopUnderTest;
let customer: Customer;
let owner: Staff;

beforeAll(async () => {
  shop = await openShop();
  customer = await signUp(shop);
  owner = await signInOwner(shop);
});
afterAll(() => shop[Symbol.asyncDispose]());

const start = () => new Shopping(shop, recorder, owner);
describeCatalog(start);
describeCarts(start);
describeCheckout(start);
describeOrders(start);
describeAccount(start);
describeCustomFields(start);
describePriceLists(start);
describeClient(() => shop);
describeEverywhere(() => ({ shop, recorder, customer, owner }));

test("every status and every code that the contract names has been seen over the wire", () => {
  const unseen = endpoints.flatMap((one) => pairsOf(one)).filter((pair) => !recorder.seen.has(pair));
  expect(unseen).toEqual([]);
});

test("what an endpoint answers of its own has been answered by the shop itself, but for what only a race or a fault brings about", () => {
  const all: readonly Endpoint[] = endpoints;
  const own = all.flatMap((one) => [
    ...Object.keys(one.answers).map((status) => `${one.id} ${status}`),
    ...one.problems.map((code) => `${one.id} ${code}`),
  ]);
  // While Redis is away nobody knows who was erased a moment ago, and a token may still ask for them.
  const rare = ["system.readyz 503", "me.get not_found", "me.update not_found", "me.export not_found"];
  const isRare = (pair: string) => pair.endsWith(" version_conflict") || rare.includes(pair);
  const unseen = own.filter((pair) => !recorder.byShop.has(pair) && !isRare(pair));
  expect(unseen).toEqual([]);
});

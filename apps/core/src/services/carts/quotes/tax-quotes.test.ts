import { afterAll, beforeAll, expect, test } from "bun:test";
import { z } from "zod";
import type { CartsDeps } from "../context.ts";
import {
  askTaxes,
  createCartsRouter,
  createHttpAsker,
  createPromotion,
  Quotes,
  saveShippingOption,
  saveTaxRate,
} from "../index.ts";
import { address, type CartShop, cartShop, guest, NOW } from "../testing/fixture.ts";

const questionSchema = z.object({
  currency: z.string(),
  destination: z.strictObject({ country: z.string(), postalCode: z.string(), city: z.string() }),
  lines: z.array(z.object({ sku: z.string(), taxClass: z.string(), quantity: z.int(), amount: z.int() })),
  shipping: z.int(),
});
type Question = z.infer<typeof questionSchema>;

let shop: CartShop;
let server: Bun.Server<undefined>;
const asked: Question[] = [];
let answer: (question: Question) => unknown = () => ({ taxes: [] });
beforeAll(async () => {
  shop = await cartShop();
  server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    async fetch(request) {
      const question = questionSchema.parse(await request.json());
      asked.push(question);
      return Response.json(answer(question));
    },
  });
  shop.sell("tea", 1_000);
  shop.sell("book", 2_000, { taxClass: "books" });
  await shop.inTx(async (tx) => {
    const zone = { name: "Britain", countries: ["GB"] };
    const rates = { USD: { kind: "flat" as const, price: 500 } };
    await saveShippingOption({ tx, now: NOW }, { zone, name: "Parcel", rates });
    const own = { country: "GB", taxClass: "standard", name: "Own rate", basisPoints: 1_000, isIncluded: false };
    await saveTaxRate({ tx, now: NOW }, own);
    const effect = { kind: "percent", target: "order", basisPoints: 1_000 } as const;
    await createPromotion({ tx, now: NOW }, { name: "A tenth", effect });
  });
}, 60_000);
afterAll(async () => {
  await server.stop(true);
  await shop[Symbol.asyncDispose]();
});

function aProcess() {
  const silences: unknown[] = [];
  const asker = createHttpAsker({ name: "tax", url: `http://127.0.0.1:${server.port}/`, timeoutMs: 30_000 });
  const onSilence = (error: unknown) => silences.push(error);
  const taxQuotes = new Quotes({ ask: askTaxes(asker), clock: shop.deps.clock, onSilence });
  const deps: CartsDeps = { ...shop.deps, taxQuotes };
  const context = { actor: guest, requestId: "test", traceparent: null, idempotencyKey: null, clock: deps.clock };
  return { silences, carts: createCartsRouter(deps).createCaller(context) };
}

/** A cart with both SKUs, shipped to London. */
async function aCart({ carts }: ReturnType<typeof aProcess>) {
  const items = ["tea", "book"].map((sku) => ({ sku, quantity: 2 }));
  const { id: cartId } = await carts.create({ items });
  await carts.update({ cartId, patch: { shippingAddress: address } });
  const methods = await carts.shippingMethods({ cartId });
  return carts.update({ cartId, patch: { shippingMethod: methods.items[0]?.id } });
}
const usd = (amount: number) => ({ amount, currency: "USD" as const });

test("a tax provider is asked for what is to be paid after discounts, and its taxes are the cart's", async () => {
  answer = ({ lines, shipping }) => ({
    taxes: [
      {
        position: 0,
        name: "State",
        basisPoints: 500,
        included: false,
        amount: Math.round((lines[0]?.amount ?? 0) / 20),
      },
      {
        position: 0,
        name: "City",
        basisPoints: 100,
        included: false,
        amount: Math.round((lines[0]?.amount ?? 0) / 100),
      },
      { position: 1, name: "Books", basisPoints: 0, included: true, amount: 0 },
      ...(shipping > 0
        ? [{ position: null, name: "State", basisPoints: 500, included: false, amount: shipping / 20 }]
        : []),
    ],
  });
  const process = aProcess();
  const cart = await aCart(process);
  const { city, postalCode, country } = address;
  expect(asked.at(-1)).toMatchObject({
    currency: "USD",
    destination: { city, postalCode, country },
    lines: [
      { sku: "tea", taxClass: "standard", quantity: 2, amount: 1_800 },
      { sku: "book", taxClass: "books", quantity: 2, amount: 3_600 },
    ],
    shipping: 500,
  });
  expect(cart.totals).toMatchObject({ discount: usd(600), tax: usd(90 + 18 + 25), total: usd(5_400 + 500 + 133) });
  expect(cart.taxLines?.map((line) => [line.sku, line.name, line.amount.amount])).toEqual([
    ["tea", "State", 90],
    ["tea", "City", 18],
    ["book", "Books", 0],
    [undefined, "State", 25],
  ]);
  const questions = asked.length;
  const { explanation } = await process.carts.get({ cartId: cart.id, explain: true });
  expect(asked).toHaveLength(questions);
  expect(explanation?.filter((rule) => rule.rule === "tax").map((rule) => rule.reason)).toEqual(
    Array.from({ length: 4 }, () => "quoted"),
  );
});

test("a provider that is silent, names what it was not asked, or taxes more than there is gives way to the shop's rates", async () => {
  const tax = { position: 0, name: "Tax", basisPoints: 500, included: false, amount: 90 };
  const nonsense = [
    "nothing of the kind",
    { taxes: [{ ...tax, position: 7 }] },
    { taxes: [{ ...tax, amount: 1_000_000 }] },
    { taxes: [{ ...tax, amount: -1 }] },
    { taxes: [{ ...tax, amount: 0.5 }] },
    { taxes: [tax, { ...tax, included: true }] },
  ];
  for (const one of nonsense) {
    answer = () => one;
    const process = aProcess();
    const cart = await aCart(process);
    expect(cart.taxLines?.map((line) => line.name)).toEqual(["Own rate"]);
    expect(cart.totals.tax).toEqual(usd(180));
    expect(process.silences.length).toBeGreaterThan(0);
  }
});

test("what is added while a quote has to be asked for is added once", async () => {
  answer = () => ({ taxes: [] });
  const { carts } = aProcess();
  const { id: cartId } = await carts.create({ items: [{ sku: "tea", quantity: 2 }] });
  await carts.update({ cartId, patch: { shippingAddress: address } });
  const cart = await carts.addItem({ cartId, sku: "tea", quantity: 3 });
  expect([cart.items[0]?.quantity, cart.version]).toEqual([5, 4]);
});

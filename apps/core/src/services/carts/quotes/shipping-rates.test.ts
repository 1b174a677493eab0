import { afterAll, afterEach, beforeAll, expect, test } from "bun:test";
import { type CartId, type Instant, newId, problem } from "@stoa/kernel";
import { z } from "zod";
import type { CartsDeps } from "../context.ts";
import {
  askShippingRates,
  createCartsRouter,
  createHttpAsker,
  freezeCart,
  Quotes,
  saveShippingOption,
  withQuotes,
} from "../index.ts";
import { address, type CartShop, cartShop, guest, NOW, newCart, refusalOf } from "../testing/fixture.ts";

const questionSchema = z.object({
  currency: z.string(),
  destination: z.object({ country: z.string(), postalCode: z.string(), city: z.string() }),
  weightGrams: z.int(),
  items: z.array(z.object({ sku: z.string(), quantity: z.int() })),
  services: z.array(z.string()),
});

/** A rate provider over the wire, that answers what a test says and counts what it was asked. */
function rateServer() {
  const asked: { question: z.infer<typeof questionSchema>; authorization: string | null }[] = [];
  const state = { answer: (): Response | Promise<Response> => new Response(null, { status: 500 }) };
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    async fetch(request) {
      const question = questionSchema.parse(await request.json());
      asked.push({ question, authorization: request.headers.get("authorization") });
      return state.answer();
    },
  });
  return { asked, state, url: `http://127.0.0.1:${server.port}/rates`, stop: () => server.stop(true) };
}

let shop: CartShop;
let carrier: ReturnType<typeof rateServer>;
beforeAll(async () => {
  shop = await cartShop();
  carrier = rateServer();
  shop.sell("tea", 1_000, { weightGrams: 400 });
  const calculated = (service: string, fallback: number | null) => ({
    USD: { kind: "calculated" as const, service, fallback, freeAbove: 50_000 },
  });
  await shop.inTx(async (tx) => {
    const zone = { name: "Britain", countries: ["GB"] };
    const context = { tx, now: NOW };
    await saveShippingOption(context, { zone, name: "Courier", rates: calculated("courier", 900) });
    await saveShippingOption(context, { zone, name: "Drone", rates: calculated("drone", null), position: 1 });
  });
});
afterEach(() => {
  carrier.asked.length = 0;
});
afterAll(async () => {
  await carrier.stop();
  await shop[Symbol.asyncDispose]();
});

const rates = (amounts: Record<string, number>, currency = "USD") => {
  const list = Object.entries(amounts).map(([service, amount]) => ({ service, amount, currency }));
  return () => Response.json({ rates: list });
};

/** A shop with a process of its own, that remembers nothing and asks the server; a busy machine must not make a silence of an answer. */
function aProcess({ clock = { now: () => NOW }, timeoutMs = 30_000 } = {}) {
  const asker = createHttpAsker({ name: "shipping", url: carrier.url, token: "secret-token", timeoutMs });
  const silences: unknown[] = [];
  const onSilence = (error: unknown) => silences.push(error);
  const shippingRates = new Quotes({ ask: askShippingRates(asker), clock, onSilence });
  const deps: CartsDeps = { ...shop.deps, shippingRates };
  const context = { actor: guest, requestId: "test", traceparent: null, idempotencyKey: null, clock };
  return { deps, silences, carts: createCartsRouter(deps).createCaller(context) };
}

async function aCart(quantity = 2): Promise<CartId> {
  const items = [{ sku: "tea", quantity }];
  return newCart(shop.deps, guest, { items });
}

async function methodsOf({ carts }: ReturnType<typeof aProcess>, cartId: CartId) {
  await carts.update({ cartId, patch: { shippingAddress: address } });
  const { items } = await carts.shippingMethods({ cartId });
  return Object.fromEntries(items.map((item) => [item.name, item.price.amount]));
}

test("an option costs what the provider asks for the parcel, and one question serves every look at the cart", async () => {
  carrier.state.answer = rates({ courier: 1_234, drone: 4_321, other: 1 });
  const shop1 = aProcess();
  const cartId = await aCart();
  expect(await methodsOf(shop1, cartId)).toEqual({ Courier: 1_234, Drone: 4_321 });
  const courier = (await shop1.carts.shippingMethods({ cartId })).items[0]?.id;
  const cart = await shop1.carts.update({ cartId, patch: { shippingMethod: courier } });
  expect(cart.totals).toMatchObject({ shipping: { amount: 1_234 }, total: { amount: 3_234 } });
  expect(carrier.asked).toEqual([
    {
      authorization: "Bearer secret-token",
      question: {
        currency: "USD",
        destination: { country: "GB", postalCode: address.postalCode, city: address.city },
        weightGrams: 800,
        items: [{ sku: "tea", quantity: 2 }],
        services: ["courier", "drone"],
      },
    },
  ]);
  await shop1.carts.setQuantity({ cartId, sku: "tea", quantity: 3 });
  expect(carrier.asked.map((one) => one.question.weightGrams)).toEqual([800, 1_200]);
});

test("a service the provider leaves out is not offered, nor a price in another currency", async () => {
  carrier.state.answer = rates({ courier: 700 });
  expect(await methodsOf(aProcess(), await aCart())).toEqual({ Courier: 700 });
  carrier.state.answer = rates({ courier: 700 }, "EUR");
  const process = aProcess();
  const cartId = await aCart();
  expect(await methodsOf(process, cartId)).toEqual({});
  const { explanation } = await process.carts.get({ cartId, explain: true });
  expect(explanation?.filter((rule) => rule.rule === "shipping").map((rule) => rule.reason)).toEqual([
    "no_quote",
    "no_quote",
    "other_zone",
    "other_zone",
  ]);
});

test("a provider that fails, answers nonsense, too much or not in time costs the fallback; without one it is not offered", async () => {
  const huge = "x".repeat(100_000);
  const { promise: never, resolve } = Promise.withResolvers<Response>();
  const answers = [
    () => new Response("down", { status: 503 }),
    () => new Response("<html>"),
    () => Response.json({ rates: [{ service: "courier", amount: -5, currency: "USD" }] }),
    () => Response.json({ rates: [{ service: "courier", amount: 1.5, currency: "USD" }] }),
    () => Response.json({ rates: [], padding: huge }),
    () => Response.redirect("http://127.0.0.1:1/elsewhere"),
  ].map((answer) => ({ answer, timeoutMs: 30_000 }));
  for (const { answer, timeoutMs } of [...answers, { answer: () => never, timeoutMs: 50 }]) {
    carrier.state.answer = answer;
    const process = aProcess({ timeoutMs });
    expect(await methodsOf(process, await aCart())).toEqual({ Courier: 900 });
    expect(process.silences).toHaveLength(1);
  }
  resolve(new Response());
});

test("a provider that was silent is asked again after a while, and an answer grows old", async () => {
  let now = NOW;
  const process = aProcess({ clock: { now: () => now } });
  const cartId = await aCart();
  carrier.state.answer = () => new Response(null, { status: 500 });
  expect(await methodsOf(process, cartId)).toEqual({ Courier: 900 });
  carrier.state.answer = rates({ courier: 500 });
  expect(await methodsOf(process, cartId)).toEqual({ Courier: 900 });
  now = (now + 30_000) as Instant;
  expect(await methodsOf(process, cartId)).toEqual({ Courier: 500 });
  carrier.state.answer = rates({ courier: 600 });
  expect(await methodsOf(process, cartId)).toEqual({ Courier: 500 });
  now = (now + 600_000) as Instant;
  expect(await methodsOf(process, cartId)).toEqual({ Courier: 600 });
});

test("a checkout asks outside of its transaction, and another price than expected is refused", async () => {
  carrier.state.answer = rates({ courier: 800 });
  const cartId = await aCart();
  const first = aProcess();
  await methodsOf(first, cartId);
  const courier = (await first.carts.shippingMethods({ cartId })).items[0]?.id;
  const patch = { email: "ada@example.com", shippingMethod: courier };
  const { totals } = await first.carts.update({ cartId, patch });
  let transactions = 0;
  const freeze = (deps: CartsDeps) =>
    withQuotes(() => {
      transactions += 1;
      return shop.inTx(async (tx) => {
        const input = { cartId, orderId: newId("ord"), actor: guest };
        const frozen = await freezeCart(deps, { tx, now: NOW }, input);
        if (frozen.totals.total.amount !== totals.total.amount)
          throw problem("price_changed", { totals: frozen.totals });
        return frozen;
      });
    });
  carrier.state.answer = rates({ courier: 850 });
  const second = aProcess();
  expect((await refusalOf(freeze(second.deps))).members).toMatchObject({ totals: { shipping: { amount: 850 } } });
  expect(transactions).toBe(2);
  transactions = 0;
  expect((await freeze(first.deps)).totals.shipping.amount).toBe(800);
  expect(transactions).toBe(1);
});

test("before there is an address nothing is asked and nothing calculated is offered; above its threshold it is free", async () => {
  carrier.state.answer = rates({ courier: 800, drone: 900 });
  const process = aProcess();
  const cartId = await aCart(50);
  expect((await process.carts.shippingMethods({ cartId })).items.map((item) => item.name)).toEqual([
    "Standard",
    "Express",
  ]);
  expect(carrier.asked).toEqual([]);
  expect(await methodsOf(process, cartId)).toEqual({ Courier: 0, Drone: 0 });
});

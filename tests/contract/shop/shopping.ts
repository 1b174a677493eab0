import { expect } from "bun:test";
import type { EndpointId } from "@stoa/contract";
import type { ProblemCode } from "@stoa/kernel";
import { eventually } from "../../eventually.ts";
import type { Staff } from "./people.ts";
import type { Answered, Asked, Recorder } from "./recorder.ts";
import type { ShopUnderTest } from "./shop.ts";

export const usd = (amount: number) => ({ amount, currency: "USD" });
export const address = {
  name: "Ann Example",
  line1: "1 Main St",
  city: "Springfield",
  postalCode: "12345",
  country: "US",
};

export interface Order {
  readonly id: string;
  readonly number: string;
  readonly state: string;
  readonly accessToken: string;
}

type Body = Readonly<Record<string, unknown>>;
type Headers = Readonly<Record<string, string>>;

/** What a list holds. */
export function itemsOf({ body }: Answered): readonly Readonly<Record<string, string>>[] {
  return (body?.items ?? []) as readonly Readonly<Record<string, string>>[];
}

/** What shoppers and staff do with a running shop, each answer held against the contract. */
export class Shopping {
  constructor(
    readonly shop: ShopUnderTest,
    readonly recorder: Recorder,
    readonly owner: Staff,
  ) {}

  ask(id: EndpointId, path: string, asked: Omit<Asked, "path"> = {}): Promise<Answered> {
    return this.recorder.ask(this.shop.edgeUrl, id, { path, ...asked });
  }

  /** Asks, and expects a status, or a problem by its code. */
  async expect(
    wanted: number | ProblemCode,
    id: EndpointId,
    path: string,
    asked: Omit<Asked, "path"> = {},
  ): Promise<Answered> {
    const answered = await this.ask(id, path, asked);
    const found = typeof wanted === "number" ? answered.status : answered.body?.code;
    if (found !== wanted) throw new Error(`${id} answered ${answered.status} and not ${wanted}: ${answered.text}`);
    return answered;
  }

  async cart(
    items: readonly Body[] = [{ sku: this.shop.sampleSku, quantity: 1 }],
    more: Body = {},
    headers: Headers = {},
  ): Promise<string> {
    const { body } = await this.expect(201, "carts.create", "/v1/carts", { body: { items, ...more }, headers });
    return `/v1/carts/${body?.id}`;
  }

  async shippingMethod(cart: string, headers: Headers = {}): Promise<string> {
    const [first] = itemsOf(await this.expect(200, "carts.shippingMethods", `${cart}/shipping-methods`, { headers }));
    expect(first).toBeDefined();
    return first?.id ?? "";
  }

  /** All that a checkout needs, by a card that pays unless another one is named. */
  async terms(cart: string, card = "pm_card_visa", headers: Headers = {}): Promise<Body> {
    const { shop } = this;
    return {
      email: `${crypto.randomUUID()}@example.com`,
      shippingAddress: address,
      shippingMethod: await this.shippingMethod(cart, headers),
      payment: { provider: "stripe", paymentMethod: card, returnUrl: shop.stack.env.PUBLIC_URL },
    };
  }

  checkout(wanted: number | ProblemCode, cart: string, body: Body, headers: Headers = {}): Promise<Answered> {
    const key = { "idempotency-key": crypto.randomUUID() };
    return this.expect(wanted, "carts.checkout", `${cart}/checkout`, { body, headers: { ...key, ...headers } });
  }

  /** A confirmed order of so many units, and how its guest shows that it is theirs. */
  async order(
    quantity = 1,
    more: Body = {},
    headers: Headers = {},
  ): Promise<{ order: Order; path: string; headers: Headers; email: string }> {
    const cart = await this.cart([{ sku: this.shop.sampleSku, quantity }], {}, headers);
    const terms = { ...(await this.terms(cart, undefined, headers)), ...more };
    const key = { "idempotency-key": crypto.randomUUID() };
    const placed = await this.ask("carts.checkout", `${cart}/checkout`, {
      body: terms,
      headers: { ...key, ...headers },
    });
    const order = placed.body as unknown as Order;
    const path = `/v1/orders/${order.id}`;
    const shown = order.accessToken ? { "x-order-token": order.accessToken } : headers;
    await this.until(async () => {
      const { body } = await this.expect(200, "orders.get", path, { headers: shown });
      return body?.state === "confirmed";
    });
    return { order, path, headers: shown, email: String(Object(terms).email) };
  }

  /** Sends the whole order out. */
  async ship(orderId: string): Promise<void> {
    const { id: fulfilmentId } = await this.owner("orders.fulfilment.create", { orderId });
    await this.owner("orders.fulfilment.ship", { id: fulfilmentId, carrier: "DHL", trackingNumber: "JD-1" });
    await this.owner("orders.fulfilment.deliver", { id: fulfilmentId });
  }

  /** Waits for what follows by itself. @throws after a minute. */
  until(condition: () => Promise<boolean>): Promise<void> {
    return eventually(condition);
  }

  giftCard(amount: number, currency = "USD"): Promise<{ code: string; id: string }> {
    return this.owner("payments.giftCards.issue", { amount: { amount, currency }, reason: "contract" });
  }

  storeCredit(customerId: string, amount: number): Promise<unknown> {
    const grant = { amount: { amount, currency: "USD" }, customerId, reason: "contract" };
    return this.owner("payments.giftCards.issueStoreCredit", grant);
  }

  /** Ten per cent off, by a code of its own. */
  promotion(usageLimit: number | null = null): Promise<{ id: string; code: string }> {
    const code = `TEN-${crypto.randomUUID().slice(0, 8)}`.toUpperCase();
    const effect = { kind: "percent", target: "order", basisPoints: 1_000 };
    return this.owner("carts.promotions.create", { code, name: code, effect, usageLimit });
  }

  /** A SKU of which so many units are left, in a product of its own. */
  async scarceProduct(units: number): Promise<{ sku: string; slug: string; id: string; version: number }> {
    const name = crypto.randomUUID().slice(0, 8);
    const sku = `SCARCE-${name}`.toUpperCase();
    const draft = await this.owner<{ id: string; slug: string; version: number }>("catalog.products.create", {
      slug: `scarce-${name}`,
      title: { "en-US": `Scarce thing ${name}` },
      description: { "en-US": "There are few of it." },
      brand: "Few",
      categoryIds: [],
      variants: [{ sku, options: {}, prices: [{ currency: "USD", amount: 1_000 }] }],
    });
    const published = await this.owner<{ version: number }>("catalog.products.publish", {
      id: draft.id,
      version: draft.version,
    });
    await this.setStock(sku, units);
    await this.until(async () => (await this.ask("products.get", `/v1/products/${draft.slug}`)).status === 200);
    return { sku, slug: draft.slug, id: draft.id, version: published.version };
  }

  /** A sales channel of its own for dollars, and how a storefront says that it is there. */
  async channel(): Promise<{ code: string; members: object; headers: Headers }> {
    const code = `c${crypto.randomUUID().replaceAll("-", "").slice(0, 12)}`;
    const offer = { currencies: ["USD"], defaultCurrency: "USD", languages: [], pricesIncludeTax: false };
    const members = { code, name: "Trade", ...offer, productUrl: null, categoryUrl: null, isActive: true };
    await this.owner("catalog.channels.create", members);
    const made = { kind: "publishable", name: "trade", channel: code };
    const { key = "" } = await this.owner("users.apiKeys.create", made);
    return { code, members, headers: { "x-publishable-key": key } };
  }

  async setStock(sku: string, delta: number): Promise<void> {
    const { items } = await this.read<{ readonly items: readonly { readonly id: string; readonly code: string }[] }>(
      "inventory.locations",
    );
    const locationId = items.find(({ code }) => code === "main")?.id;
    await this.owner("inventory.adjust", { sku, locationId, delta, kind: "adjustment", reason: "contract" });
  }

  /** A query of staff's. */
  read<T>(procedure: string, input?: unknown): Promise<T> {
    return this.owner.read<T>(procedure, input);
  }
}

export type Start = () => Shopping;

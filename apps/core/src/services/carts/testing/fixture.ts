import {
  type CartId,
  type Clock,
  type Currency,
  type CustomerId,
  type Instant,
  newId,
  type ProductId,
} from "@stoa/kernel";
import { type Transaction, transact } from "../../../platform/db/index.ts";
import type { Actor, CustomerActor } from "../../../platform/rpc/index.ts";
import { testDatabase } from "../../../testing/index.ts";
import type { Offer } from "../../catalog/index.ts";
import { type CartsDeps, type CreateCart, createCart, ensureCartDefaults } from "../index.ts";

export const NOW = Date.parse("2026-11-24T10:00:00Z") as Instant;
export const guest: Actor = { kind: "guest" };

export const address = {
  name: "Ada Lovelace",
  line1: "12 St James's Square",
  city: "London",
  postalCode: "SW1Y 4JH",
  country: "GB",
};

export function newCustomer(email = "ada@example.com"): CustomerActor {
  const customerId: CustomerId = newId("cus");
  return { kind: "customer", customerId, userId: customerId, email, emailVerified: true };
}

/** The id of a new cart. */
export async function newCart(deps: CartsDeps, actor: Actor, input: CreateCart): Promise<CartId> {
  return (await createCart(deps, { db: deps.db, now: NOW, actor }, input)).id;
}

/** Nobody has a gift card. */
const noCredits: CartsDeps["credits"] = {
  byIds: async () => [],
  byCode: async () => null,
  ofCustomer: async () => [],
};

/** A shop with defaults, and a catalog that a test fills as it likes. Prices are minor units of any currency. */
export async function cartShop() {
  const database = await testDatabase();
  const catalog = new Map<string, Partial<Offer> & { readonly price: number }>();
  const groups = new Map<CustomerId, readonly string[]>();
  const buyers = new Set<string>();
  const clock: Clock = { now: () => NOW };
  const deps: CartsDeps = {
    db: database.db,
    clock,
    credits: noCredits,
    findOffers: async ({ skus, currency }) => new Map(skus.flatMap((sku) => entryOf(catalog, sku, currency))),
    shoppers: {
      groupsOf: async (_db, customerId) => groups.get(customerId) ?? [],
      hasOrdered: async (_db, { email }) => email !== null && buyers.has(email),
    },
  };
  const inTx = <T>(work: (tx: Transaction) => Promise<T>): Promise<T> => transact(database.db, work);
  await inTx((tx) => ensureCartDefaults({ tx, now: NOW }));
  return {
    ...{ database, db: database.db, deps, catalog, inTx },
    /** Groups by customer, and e-mail addresses of people whose order stands. */
    ...{ groups, buyers },
    /** Puts a SKU on sale. */
    sell(sku: string, price: number, more: Partial<Offer> = {}): string {
      catalog.set(sku, { ...more, price });
      return sku;
    },
    [Symbol.asyncDispose]: () => database[Symbol.asyncDispose](),
  };
}
export type CartShop = Awaited<ReturnType<typeof cartShop>>;

type Entry = Partial<Offer> & { readonly price: number };

function entryOf(catalog: ReadonlyMap<string, Entry>, sku: string, currency: Currency): [string, Offer][] {
  const entry = catalog.get(sku);
  if (!entry) return [];
  const { price, ...more } = entry;
  const unitPrice = { amount: price, currency };
  const offer: Offer = {
    sku,
    productId: `prod_${sku}` as ProductId,
    slug: sku,
    title: `Product ${sku}`,
    options: {},
    unitPrice,
    weightGrams: 100,
    taxClass: "standard",
    categoryIds: [],
    trackInventory: true,
    allowBackorder: false,
    ...more,
  };
  return [[sku, offer]];
}

/** The problem that a promise is refused with. */
export async function refusalOf(work: Promise<unknown>): Promise<{ code: string; members: Record<string, unknown> }> {
  const failure: unknown = await work.then(
    () => null,
    (error: unknown) => error,
  );
  if (failure instanceof Error && "code" in failure && "members" in failure) {
    return { code: String(failure.code), members: { ...(failure.members as object) } };
  }
  throw new Error("was not refused with a problem", { cause: failure });
}

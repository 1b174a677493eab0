import { type CartId, type Clock, type Instant, money } from "@stoa/kernel";
import { type Database, transact } from "../platform/db/index.ts";
import type { ShopActor } from "../platform/rpc/index.ts";
import { checkoutSetting, writeSetting } from "../platform/settings/index.ts";
import {
  applyGiftCard,
  applyPromotion,
  type CartsDeps,
  createCart,
  createPromotion,
  ensureCartDefaults,
  listShippingMethods,
  updateCart,
} from "../services/carts/index.ts";
import { ensureDefaultLocation, setStockLevels } from "../services/inventory/index.ts";
import { hasOrdered } from "../services/orders/index.ts";
import { creditSource, issueGiftCard } from "../services/payments/index.ts";
import { plainOffers } from "./plain-offers.ts";

export const guest: ShopActor = { kind: "guest" };

/** Carts over a catalog that is only these prices, in cents by SKU. */
export function cartsOf(db: Database, clock: Clock, prices: ReadonlyMap<string, number>): CartsDeps {
  return {
    db,
    clock,
    shoppers: { groupsOf: async () => [], hasOrdered },
    credits: creditSource,
    findOffers: async ({ skus }) => plainOffers(prices, skus),
  };
}

export interface ExplorableShop {
  /** Units on hand by SKU. */
  readonly stock: ReadonlyMap<string, number>;
  readonly prices: ReadonlyMap<string, number>;
  /** How often the code "TENTH" may be used; null for no such code. */
  readonly promotionLimit: number | null;
  /** Cents on the gift card with the code GIFT_CARD_CODE; null for no such card. */
  readonly giftCard: number | null;
  readonly capture: "at_confirmation" | "at_shipment";
}

/** What a card's code is when every random byte is zero. */
const GIFT_CARD_CODE = "0".repeat(20);
const opener = { kind: "system", name: "explorer" } as const;

/** What a shop cannot be without, and its stock. Through an open handle, before anything is explored. */
export async function openExplorableShop(db: Database, now: Instant, shop: ExplorableShop): Promise<void> {
  await transact(db, async (tx) => {
    await ensureDefaultLocation({ tx, now });
    await ensureCartDefaults({ tx, now });
    await setStockLevels({ tx, now }, { lines: [...shop.stock].map(([sku, onHand]) => ({ sku, onHand })) });
    await writeSetting(tx, now, checkoutSetting, { ...checkoutSetting.fallback, capture: shop.capture });
    if (shop.giftCard !== null) {
      const card = { amount: money(shop.giftCard, "USD"), expiresAt: null, customerId: null, reason: null };
      await issueGiftCard({ tx, now }, { ...card, actor: opener }, (length) => new Uint8Array(length));
    }
    if (shop.promotionLimit !== null) {
      await createPromotion(
        { tx, now },
        {
          code: "TENTH",
          name: "A tenth off",
          effect: { kind: "percent", target: "order", basisPoints: 1_000 },
          usageLimit: shop.promotionLimit,
        },
      );
    }
  });
}

const address = { name: "Ada", line1: "Main St 1", city: "Berlin", postalCode: "10115", country: "DE" };

export interface ExplorableCart {
  readonly lines: readonly { readonly sku: string; readonly quantity: number }[];
  readonly hasCode: boolean;
  readonly hasGiftCard: boolean;
}

/** A guest's cart that lacks nothing for a checkout. */
export async function fillExplorableCart(
  db: Database,
  now: Instant,
  cart: ExplorableCart,
  prices: ReadonlyMap<string, number>,
): Promise<CartId> {
  const deps = cartsOf(db, { now: () => now }, prices);
  return transact(db, async (tx) => {
    const context = { tx, now, actor: guest };
    const { id: cartId } = await createCart(deps, { ...context, db: tx }, { currency: "USD", items: [...cart.lines] });
    await updateCart(deps, context, { cartId, patch: { email: "ada@example.com", shippingAddress: address } });
    const methods = await listShippingMethods(deps, { db: tx, now, actor: guest }, cartId);
    const shippingMethod = methods.items[0]?.id;
    if (!shippingMethod) throw new Error("no way to ship");
    await updateCart(deps, context, { cartId, patch: { shippingMethod } });
    if (cart.hasCode) await applyPromotion(deps, context, { cartId, code: "TENTH" });
    if (cart.hasGiftCard) await applyGiftCard(deps, context, { cartId, code: GIFT_CARD_CODE });
    return cartId;
  });
}

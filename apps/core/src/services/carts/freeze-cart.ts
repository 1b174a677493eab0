import { type CartId, type Currency, type CustomerId, type Money, type OrderId, problem } from "@stoa/kernel";
import type { AddressView, ShippingMethodView, TotalsView } from "@stoa/read-models";
import { and, eq, sql } from "drizzle-orm";
import type { FieldValues } from "../../platform/custom-fields/index.ts";
import { prepared, type ValueOf } from "../../platform/db/index.ts";
import type { Actor } from "../../platform/rpc/index.ts";
import type { KitPart } from "../catalog/index.ts";
import { type CreditShare, coverCart, refuseSpentCredits } from "./cart-credits.ts";
import { orderFields, patchedFields } from "./cart-fields.ts";
import type { CartPatch } from "./cart-patch.ts";
import type { CartContext, CartsDeps } from "./context.ts";
import { touched } from "./edit-cart.ts";
import { type CartRow, findCartWithLines } from "./find-cart.ts";
import { withOrderFields } from "./line-fields.ts";
import { type CartTerms, type PricedCart, priceCart } from "./price-cart.ts";
import type { PricedLine } from "./pricing.ts";
import type { PromotionId } from "./promotion.ts";
import { promotionRefused } from "./promotions-on-cart.ts";
import { STAFF_DISCOUNT_ID } from "./staff-terms.ts";
import { cart } from "./tables.ts";
import type { TaxLine } from "./tax.ts";
import { cannotShip, patchColumns } from "./update-cart.ts";

/** How often pricing starts again because the cart changed under it. */
const ATTEMPTS_MAX = 5;

export interface FreezeCart {
  readonly cartId: CartId;
  /** The order that is being made of it. */
  readonly orderId: OrderId;
  /** Applied before pricing, and kept. */
  readonly patch?: CartPatch;
  readonly actor: Actor;
}

export interface FrozenLine extends PricedLine {
  readonly productId: string;
  readonly slug: string;
  readonly title: string;
  readonly options: Readonly<Record<string, string>>;
  readonly weightGrams: number | null;
  readonly trackInventory: boolean;
  readonly allowBackorder: boolean;
  /** What a kit is made of. */
  readonly parts?: readonly KitPart[];
  /** What the shop's own fields say of it. */
  readonly customFields: FieldValues;
}

/** What an order is made of: a snapshot that follows neither cart nor catalog. */
export interface FrozenCart {
  readonly cartId: CartId;
  readonly customerId: CustomerId | null;
  readonly email: string;
  readonly currency: Currency;
  /** Code of the sales channel. */
  readonly channel: string;
  readonly lines: readonly FrozenLine[];
  readonly shippingAddress: AddressView;
  readonly billingAddress: AddressView | null;
  /** With the price before the discount on it. */
  readonly shippingMethod: ShippingMethodView;
  readonly shippingDiscount: Money;
  /** Those that take something off; each counts as used once the order takes it. */
  readonly promotions: readonly {
    readonly promotionId: PromotionId;
    readonly code: string | null;
    readonly discount: Money;
  }[];
  readonly taxLines: readonly TaxLine[];
  readonly totals: TotalsView;
  /** What gift cards and store credit pay of the total, those that pay nothing left out. */
  readonly credits: readonly { readonly credit: Pick<CreditShare["credit"], "id">; readonly amount: Money }[];
  /** What a payment provider is asked for. */
  readonly amountDue: Money;
  /** What the order's own fields say. */
  readonly customFields: FieldValues;
}

/**
 * Prices the cart a last time and binds it to an order, so that it can neither be changed nor checked out twice.
 * `reopenCart` undoes it, `completeCart` makes it final.
 * @throws problem `not_found`, `cart_completed`, `request_in_progress` while another order is being made of it, `cart_empty`,
 * `email_required`, `shipping_address_required`, `shipping_method_required`, `out_of_stock` for a SKU that is no longer for sale,
 * `promotion_not_applicable` for a code that no longer holds, `gift_card_not_applicable` for a card that gives nothing any more.
 */
export async function freezeCart(
  deps: CartsDeps,
  { tx, now }: Pick<CartContext, "tx" | "now">,
  input: FreezeCart,
): Promise<FrozenCart> {
  const { cartId, orderId, actor, patch = {} } = input;
  const columns = patchColumns(patch);
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt += 1) {
    const { cart: present, lines } = await findCartWithLines({ db: tx, now, actor }, cartId);
    refuseClosed(present, orderId);
    const priced = await priceCart(deps, { db: tx, now }, { cart: { ...present, ...columns }, lines });
    const terms = frozenTerms(priced, patch);
    const order = { ...terms, cartId, channel: present.channel, lines: await withOrderFields(tx, terms.lines) };
    const said = patch.customFields
      ? await patchedFields(tx, present.customFields, patch.customFields)
      : present.customFields;
    const customFields = await orderFields(tx, said);
    const frozen = await withCredits(deps, { db: tx, now }, { cart: present, frozen: { ...order, customFields } });
    const { updatedAt, expiresAt } = touched(now);
    const bound = await bindCart(tx, { ...present, ...columns, customFields: said, orderId, updatedAt, expiresAt });
    if (bound.length > 0) return frozen;
  }
  throw problem("version_conflict");
}

type BindCart = Omit<CartRow, "state" | "orderId"> & { readonly orderId: OrderId };

/** Binds a cart that still is what it was when it was priced; what no patch touches is written as it stands. */
const bindCart = prepared((db, value: ValueOf<BindCart>) =>
  db
    .update(cart)
    .set({
      email: value("email", cart.email),
      shippingAddress: value("shippingAddress", cart.shippingAddress),
      billingAddress: value("billingAddress", cart.billingAddress),
      shippingOptionId: value("shippingOptionId", cart.shippingOptionId),
      customFields: value("customFields", cart.customFields),
      state: "completing",
      orderId: value("orderId", cart.orderId),
      version: sql`${cart.version} + 1`,
      updatedAt: value("updatedAt", cart.updatedAt),
      expiresAt: value("expiresAt", cart.expiresAt),
    })
    .where(
      and(eq(cart.id, value("id", cart.id)), eq(cart.state, "open"), eq(cart.version, value("version", cart.version))),
    )
    .returning({ id: cart.id }),
);

function refuseClosed(present: CartRow, orderId: OrderId): void {
  if (present.state === "open") return;
  if (present.state === "completing" && present.orderId !== orderId) {
    throw problem("request_in_progress", { detail: "This cart is being checked out." });
  }
  throw problem("cart_completed");
}

async function withCredits(
  deps: CartsDeps,
  reading: Parameters<typeof coverCart>[1],
  { cart: present, frozen }: { readonly cart: CartRow; readonly frozen: PricedOrder },
): Promise<FrozenCart> {
  const cover = await coverCart(deps, reading, { cart: present, total: frozen.totals.total });
  refuseSpentCredits(present, cover);
  return { ...frozen, credits: cover.shares.filter(({ amount }) => amount.amount > 0), amountDue: cover.due };
}

type PricedOrder = Omit<FrozenCart, "credits" | "amountDue">;

/** What an order is made of, but for the cart it was in and how it is paid. */
export type FrozenTerms = Omit<PricedOrder, "cartId" | "channel" | "customFields">;

/**
 * What was priced, as an order takes it over.
 * @throws problem as `freezeCart`, for what is still missing or no longer for sale.
 */
export function frozenTerms(priced: PricedCart<CartTerms>, patch: CartPatch = {}): FrozenTerms {
  const { cart: row, pricing } = priced;
  refuseUnsellable(priced);
  if (row.email === null) throw problem("email_required");
  if (row.shippingAddress === null) throw problem("shipping_address_required");
  const chosen = pricing.shipping?.option.id;
  if (patch.shippingMethod !== undefined && patch.shippingMethod !== chosen) throw cannotShip();
  if (pricing.shipping === null) throw problem("shipping_method_required");
  const { option, price } = pricing.shipping;
  return {
    customerId: row.customerId,
    email: row.email,
    currency: row.currency,
    lines: priced.lines.map(frozenLine),
    shippingAddress: row.shippingAddress,
    billingAddress: row.billingAddress,
    shippingMethod: { id: option.id, name: option.name, price },
    shippingDiscount: pricing.shippingDiscount,
    promotions: promotionsUsed(priced),
    taxLines: pricing.taxLines,
    totals: pricing.totals,
  };
}

/** Those that take something off and count as used. A discount by hand is in the totals, but is no promotion. */
export function promotionsUsed({ pricing }: PricedCart<CartTerms>): FrozenCart["promotions"] {
  return pricing.applied
    .filter(({ promotion, discount }) => discount.amount > 0 && promotion.id !== STAFF_DISCOUNT_ID)
    .map(({ promotion, discount }) => ({ promotionId: promotion.id, code: promotion.code, discount }));
}

function refuseUnsellable({ lines, unavailable, refusedCodes }: PricedCart<CartTerms>): void {
  if (unavailable.length > 0) {
    const items = unavailable.map(({ sku, quantity }) => ({ sku, requested: quantity, available: 0 }));
    throw problem("out_of_stock", { detail: `No longer for sale: ${items.map((item) => item.sku).join(", ")}`, items });
  }
  if (lines.length === 0) throw problem("cart_empty");
  for (const [code, reason] of refusedCodes) {
    // A code that only gives way to another one is no reason to stop a sale.
    if (reason !== "not_combinable") throw promotionRefused(code, reason);
  }
}

/** A priced line as the order keeps it: with what the catalog says of it now. */
export function frozenLine({ offer, seenAmount: _, ...line }: PricedCart["lines"][number]): FrozenLine {
  const { productId, slug, title, options, weightGrams, trackInventory, allowBackorder, parts } = offer;
  return {
    ...line,
    productId,
    slug,
    title,
    options,
    weightGrams,
    trackInventory,
    allowBackorder,
    ...(parts && { parts }),
  };
}

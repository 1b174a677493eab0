import { DEFAULT_CHANNEL, zero } from "@stoa/kernel";
import type { CartView, TaxLineView } from "@stoa/read-models";
import type { FieldValues } from "../../platform/custom-fields/index.ts";
import type { Availability } from "../inventory/index.ts";
import type { Cover } from "./cart-credits.ts";
import { noticesOf, unitsAvailable } from "./notices.ts";
import type { PricedCart } from "./price-cart.ts";

export interface CartParts {
  readonly stock: ReadonlyMap<string, Availability>;
  readonly cover: Cover;
  /** Those that shoppers see. */
  readonly customFields: FieldValues;
  /** What of a line's values they see. */
  readonly shownOfLine: (values: FieldValues) => FieldValues;
}

/** The cart as the storefront API shows it. While an order is being made of it, it counts as completed. */
export function cartView(priced: PricedCart, { stock, cover, customFields, shownOfLine }: CartParts): CartView {
  const { cart, pricing } = priced;
  const notices = noticesOf(priced, stock);
  return {
    id: cart.id,
    state: cart.state === "open" ? "open" : "completed",
    currency: cart.currency,
    ...(cart.channel !== DEFAULT_CHANNEL && { channel: cart.channel }),
    items: priced.lines.map(({ offer, quantity, unitPrice, discount, total, customFields: own }) => ({
      sku: offer.sku,
      productId: offer.productId,
      slug: offer.slug,
      title: offer.title,
      ...(offer.image && { image: { url: offer.image.url, alt: offer.image.alt } }),
      options: { ...offer.options },
      quantity,
      unitPrice,
      discount,
      total,
      available: unitsAvailable(offer, stock),
      ...unlessEmpty(shownOfLine(own)),
    })),
    ...(cart.email !== null && { email: cart.email }),
    ...(cart.shippingAddress && { shippingAddress: cart.shippingAddress }),
    ...(cart.billingAddress && { billingAddress: cart.billingAddress }),
    ...(pricing.shipping && {
      shippingMethod: {
        id: pricing.shipping.option.id,
        name: pricing.shipping.option.name,
        price: pricing.shipping.price,
      },
    }),
    promotions: shownPromotions(priced),
    totals: pricing.totals,
    amountDue: cover.due,
    ...(cover.shares.length > 0 && { giftCards: cover.shares.map(shownCredit) }),
    ...(pricing.taxLines.length > 0 && { taxLines: shownTaxes(priced) }),
    ...(notices.length > 0 && { notices: [...notices] }),
    ...unlessEmpty(customFields),
    version: cart.version,
  };
}

function unlessEmpty(customFields: FieldValues): { readonly customFields?: FieldValues } {
  return Object.keys(customFields).length > 0 ? { customFields } : {};
}

function shownCredit({ credit, amount }: Cover["shares"][number]): NonNullable<CartView["giftCards"]>[number] {
  const { id, kind, last4 } = credit;
  return { id, kind, ...(last4 !== null && { last4 }), amount };
}

function shownTaxes({ lines, pricing }: PricedCart): TaxLineView[] {
  return pricing.taxLines.map(({ position, ...tax }) => {
    const sku = position === null ? undefined : lines[position]?.sku;
    return { ...(sku !== undefined && { sku }), ...tax };
  });
}

/** What was applied, automatic ones by name, and then the codes that take nothing off at present. */
function shownPromotions({ cart, pricing }: PricedCart): CartView["promotions"] {
  const applied = pricing.applied
    .filter(({ promotion, discount }) => promotion.code !== null || discount.amount > 0)
    .map(({ promotion, discount }) => ({ code: promotion.code ?? promotion.name, discount }));
  const shown = new Set(applied.map((one) => one.code.toUpperCase()));
  const idle = cart.promotionCodes.filter((code) => !shown.has(code.toUpperCase()));
  return [...applied, ...idle.map((code) => ({ code, discount: zero(cart.currency) }))];
}

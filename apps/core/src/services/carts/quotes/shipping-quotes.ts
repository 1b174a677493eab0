import type { CartsDeps } from "../context.ts";
import type { CartRow } from "../find-cart.ts";
import type { PricingLine } from "../pricing.ts";
import { type ShippingOption, servicesOf } from "../shipping.ts";
import type { Destination, ShippingQuotes } from "./shipping-rates.ts";

interface Shipment {
  readonly cart: Pick<CartRow, "currency" | "shippingAddress">;
  readonly offered: readonly { readonly input: PricingLine }[];
  readonly options: readonly ShippingOption[];
}

const NONE: ShippingQuotes = new Map();

/**
 * What the rate provider asks for a cart; nothing before there are goods and an address to ship them to. Null when it is silent.
 * @throws QuoteNeeded when it has not been asked yet; `withQuotes` then asks.
 */
export function shippingQuotesFor(
  { shippingRates }: CartsDeps,
  { cart, offered, options }: Shipment,
): ShippingQuotes | null {
  const services = servicesOf(options, cart.currency);
  if (services.length === 0 || !shippingRates) return null;
  const address = cart.shippingAddress;
  if (address === null || offered.length === 0) return NONE;
  const items = offered.map(({ input }) => {
    return { sku: input.sku, quantity: input.quantity, weightGrams: input.weightGrams ?? 0 };
  });
  return shippingRates.answerTo({
    currency: cart.currency,
    destination: destinationOf(address),
    weightGrams: items.reduce((sum, item) => sum + item.weightGrams * item.quantity, 0),
    goods: offered.reduce((sum, { input }) => sum + input.unitPrice.amount * input.quantity, 0),
    items,
    services,
  });
}

/** What an outside provider gets to know of an address. */
export function destinationOf(address: NonNullable<CartRow["shippingAddress"]>): Destination {
  const { country, region, postalCode, city } = address;
  return { country, ...(region !== undefined && { region }), postalCode, city };
}

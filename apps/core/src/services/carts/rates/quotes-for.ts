import type { CartsDeps } from "../context.ts";
import type { CartRow } from "../find-cart.ts";
import type { PricingLine } from "../pricing.ts";
import { type ShippingOption, servicesOf } from "../shipping.ts";
import type { ShippingQuotes } from "./shipping-rates.ts";

interface Shipment {
  readonly cart: Pick<CartRow, "currency" | "shippingAddress">;
  readonly offered: readonly { readonly input: PricingLine }[];
  readonly options: readonly ShippingOption[];
}

const NONE: ShippingQuotes = new Map();

/**
 * What the rate provider asks for a cart; nothing before there are goods and an address to ship them to. Null when it is silent.
 * @throws RatesNeeded when it has not been asked yet; `withShippingRates` then asks.
 */
export function quotesFor({ shippingRates }: CartsDeps, { cart, offered, options }: Shipment): ShippingQuotes | null {
  const services = servicesOf(options, cart.currency);
  if (services.length === 0 || !shippingRates) return null;
  const address = cart.shippingAddress;
  if (address === null || offered.length === 0) return NONE;
  const { country, region, postalCode, city } = address;
  const items = offered.map(({ input }) => {
    return { sku: input.sku, quantity: input.quantity, weightGrams: input.weightGrams ?? 0 };
  });
  return shippingRates.quotesFor({
    currency: cart.currency,
    destination: { country, ...(region !== undefined && { region }), postalCode, city },
    weightGrams: items.reduce((sum, item) => sum + item.weightGrams * item.quantity, 0),
    goods: offered.reduce((sum, { input }) => sum + input.unitPrice.amount * input.quantity, 0),
    items,
    services,
  });
}

/** Runs work that prices a cart; see `ShippingRates.over`. */
export function withShippingRates<T>({ shippingRates }: CartsDeps, work: () => Promise<T>): Promise<T> {
  return shippingRates ? shippingRates.over(work) : work();
}

import { type Currency, canonicalJson, currencySchema, DEFAULT_CHANNEL, type Instant } from "@stoa/kernel";
import { z } from "zod";
import {
  channelsShowing,
  lowestPriorPrice,
  type OfferDocument,
  type PriceStep,
  type ProductDocument,
  presentOffer,
  priceSteps,
  pricesOf,
  stepAt,
  versionsOf,
} from "../services/catalog/index.ts";

const priceSchema = z.object({
  amount: z.int(),
  compareAt: z.int().optional(),
  /** The lowest price of the 30 days before, where it is announced as reduced. */
  lowestPrior: z.int().optional(),
});
/** From this moment on; `price` is null while it is not sold so. Milliseconds since the epoch. */
const priceStepSchema = z.object({ from: z.int(), price: priceSchema.nullable() });
/** What a price is known to become is in the base, so that nobody has to be told when its time has come. */
export const pricesSchema = z.partialRecord(
  currencySchema,
  priceSchema.extend({ next: z.array(priceStepSchema).optional() }),
);
export type BasePrice = z.infer<typeof priceSchema>;

/** Changes that are known beforehand and shown to the moment; those behind them are taken in when the first has come. */
const STEPS_AHEAD_MAX = 4;

type Prices = z.infer<typeof pricesSchema>;

/** A variant's prices in the default channel, and by channel where they are others. */
export interface VariantPrices {
  readonly prices: Prices;
  readonly channelPrices?: Readonly<Record<string, Prices>> | undefined;
}

/** Where a product is shown, and for what. */
interface Sold {
  readonly channels?: readonly string[] | undefined;
  readonly currencies: readonly Currency[];
  readonly variants: readonly VariantPrices[];
}

export interface PriceContext {
  readonly now: Instant;
  /** What products were offered at before, oldest first, by id; complete for those whose prices may be reduced. */
  readonly pastOffers: ReadonlyMap<string, readonly OfferDocument[]>;
}

/** Prices in the default channel, and where a list makes others of them, those of each further channel that shows the product. */
export function pricesByChannel(
  product: ProductDocument,
  variant: ProductDocument["variants"][number],
  context: PriceContext,
): VariantPrices {
  const prices = publicPrices(product, variant, { ...context, channel: DEFAULT_CHANNEL });
  if (!product.listPrices?.some((price) => price.sku === variant.sku && price.channels)) return { prices };
  const others = channelsShowing(product, context.now).flatMap((channel): [string, Prices][] => {
    const own = publicPrices(product, variant, { ...context, channel });
    return canonicalJson(own) === canonicalJson(prices) ? [] : [[channel, own]];
  });
  return { prices, ...(others.length > 0 && { channelPrices: Object.fromEntries(others) }) };
}

/** The prices that a channel shows. */
export function pricesIn({ prices, channelPrices }: VariantPrices, channel: string): Prices {
  return channelPrices?.[channel] ?? prices;
}

/** Currencies in which at least one variant has a price in a channel. */
export function currenciesIn(variants: readonly VariantPrices[], channel: string): Currency[] {
  return [...new Set(variants.flatMap((variant) => Object.keys(pricesIn(variant, channel))))].sort() as Currency[];
}

/** A view that a product has, and the channels that show it; absent: the default one alone. */
export interface ViewPlace {
  readonly currency: Currency;
  /** Whose prices it shows. */
  readonly channel: string;
  readonly channels?: readonly string[];
}

/** One view in each currency for all channels of one price, and one for each channel that has others. */
export function viewPlaces({ channels: shown = [DEFAULT_CHANNEL], currencies, variants }: Sold): ViewPlace[] {
  const apart = shown.filter((code) => variants.some(({ channelPrices }) => channelPrices?.[code] !== undefined));
  const common = shown.filter((code) => !apart.includes(code));
  const isPlain = common.length === 1 && common[0] === DEFAULT_CHANNEL;
  const together = common.length === 0 ? [] : currencies;
  return [
    ...together.map((currency) => ({ currency, channel: DEFAULT_CHANNEL, ...(!isPlain && { channels: common }) })),
    ...apart.flatMap((channel) =>
      currenciesIn(variants, channel).map((currency) => ({ currency, channel, channels: [channel] })),
    ),
  ];
}

/** The public price in each currency as it is now and as it is known to become, with the lowest one before each reduction. */
function publicPrices(
  product: ProductDocument,
  variant: ProductDocument["variants"][number],
  { now, pastOffers, channel }: PriceContext & { readonly channel: string },
): Prices {
  const versions = versionsOf(variant.sku, [...(pastOffers.get(product._id) ?? []), presentOffer(product)]);
  const prices: Prices = {};
  for (const currency of new Set(pricesOf(product, variant).map((row) => row.currency))) {
    const steps = priceSteps(versions, currency, channel);
    const place = stepAt(steps, now);
    const price = basePrice(steps, place);
    if (!price) continue;
    const next = steps.slice(place + 1, place + 1 + STEPS_AHEAD_MAX).map(({ from }, index) => {
      return { from, price: basePrice(steps, place + 1 + index) };
    });
    prices[currency] = { ...price, ...(next.length > 0 && { next }) };
  }
  return prices;
}

function basePrice(steps: readonly PriceStep[], place: number): BasePrice | null {
  const price = steps[place]?.price;
  if (!price) return null;
  const lowestPrior = lowestPriorPrice(steps, place);
  return { ...price, ...(lowestPrior !== null && { lowestPrior }) };
}

import { type Currency, DEFAULT_CHANNEL, type Instant, type Money, type ProductId, textIn } from "@stoa/kernel";
import type { CatalogDatabase } from "./database.ts";
import type { Media, OfferedPrice, ProductDocument, Variant } from "./documents.ts";
import { type KitPart, partsIn } from "./kit.ts";
import { holdsIn, type PriceQuestion, priceInForce, pricesOf } from "./price.ts";
import { isShown, publishedIn } from "./schedule.ts";

/** What a cart needs to know of a SKU that is for sale. */
export interface Offer {
  readonly sku: string;
  readonly productId: ProductId;
  readonly slug: string;
  readonly title: string;
  readonly image?: Media;
  /** Option name → value. */
  readonly options: Readonly<Record<string, string>>;
  /** For one unit to anybody, in the currency asked for; null when it is not sold so. `unitPriceOf` knows tiers and groups. */
  readonly unitPrice: Money | null;
  /** Every price in that currency and channel, whether it holds now or not, when there is more than the one above. */
  readonly prices?: readonly OfferedPrice[];
  /** The channel they were asked in. */
  readonly channel?: string;
  readonly weightGrams: number | null;
  readonly taxClass: string;
  readonly categoryIds: readonly string[];
  readonly trackInventory: boolean;
  readonly allowBackorder: boolean;
  /** What a kit is made of: its stock is theirs. */
  readonly parts?: readonly KitPart[];
  /** How its price is shared out for tax, by what its parts cost anybody alone in the channel; absent where one of them has no price so. */
  readonly taxShares?: readonly TaxShare[];
}

/** A part of a price that is taxed by a class of its own. */
export interface TaxShare {
  readonly taxClass: string;
  /** In minor units. */
  readonly worth: number;
}

export interface FindOffers {
  readonly skus: readonly string[];
  readonly currency: Currency;
  readonly now: Instant;
  /** The sales channel; the default one when left out. */
  readonly channel?: string;
  /** Language of the titles; the first one there is when the product lacks it. */
  readonly locale?: string;
}

/** For one unit when so many are bought at once by a member of these groups; null when it is not sold so. */
export function unitPriceOf(offer: Offer, question: PriceQuestion): Money | null {
  if (!offer.prices) return offer.unitPrice;
  const price = priceInForce(offer.prices, { ...question, ...(offer.channel && { channel: offer.channel }) });
  return price && { amount: price.amount, currency: price.currency };
}

type OfferFields = Pick<
  ProductDocument,
  "_id" | "slug" | "title" | "media" | "categoryIds" | "variants" | "status" | "unpublishAt" | "channels" | "listPrices"
>;

const projection = {
  slug: 1,
  title: 1,
  media: 1,
  categoryIds: 1,
  variants: 1,
  status: 1,
  unpublishAt: 1,
  channels: 1,
  listPrices: 1,
} as const;

/** Offers by SKU, in one query. A SKU that is unknown or not published in the channel is absent from the map. */
export async function findOffers(
  { catalog }: { readonly catalog: CatalogDatabase },
  question: FindOffers,
): Promise<Map<string, Offer>> {
  const { channel = DEFAULT_CHANNEL } = question;
  const wanted = new Set(question.skus);
  const offers = new Map<string, Offer>();
  if (wanted.size === 0) return offers;
  const products = await catalog.products
    .find<OfferFields>({ "variants.sku": { $in: [...wanted] }, ...publishedIn(channel) }, { projection })
    .toArray();
  const kits = products.flatMap(({ variants }) => variants.filter(({ sku, kit }) => kit && wanted.has(sku)));
  const parts = await partsIn(catalog, kits);
  for (const product of products) {
    if (!isShown(product, question.now, channel)) continue;
    for (const variant of product.variants) {
      if (!wanted.has(variant.sku)) continue;
      const kit = variant.kit && kitOf(variant.kit, parts, question);
      // A kit without one of its parts is not for sale.
      if (kit !== null) offers.set(variant.sku, { ...offerOf(product, variant, question), ...kit });
    }
  }
  return offers;
}

function kitOf(
  kit: NonNullable<Variant["kit"]>,
  known: Awaited<ReturnType<typeof partsIn>>,
  { currency, now, channel = DEFAULT_CHANNEL, locale = "en-US" }: FindOffers,
): Required<Pick<Offer, "parts">> | null {
  const parts: KitPart[] = [];
  const taxShares: TaxShare[] = [];
  for (const { sku, quantity } of kit) {
    const part = known.get(sku);
    if (!part) return null;
    const { trackInventory, allowBackorder, taxClass } = part;
    parts.push({ sku, quantity, title: textIn(part.title, locale), trackInventory, allowBackorder });
    const price = priceInForce(pricesOf(part, part), { currency, now, channel });
    if (price) taxShares.push({ taxClass, worth: price.amount * quantity });
  }
  return { parts, ...(taxShares.length === parts.length && { taxShares }) };
}

function offerOf(product: OfferFields, variant: Variant, question: FindOffers): Offer {
  const { currency, now, channel = DEFAULT_CHANNEL, locale = "en-US" } = question;
  const prices = pricesOf(product, variant).filter((one) => one.currency === currency && holdsIn(one, channel));
  const price = priceInForce(prices, { currency, now, channel });
  const image = variant.image ?? product.media[0];
  return {
    sku: variant.sku,
    productId: product._id,
    slug: product.slug,
    title: textIn(product.title, locale),
    ...(image && { image }),
    options: variant.options,
    unitPrice: price && { amount: price.amount, currency },
    ...((prices.length > 1 || (prices.length > 0 && price === null)) && { prices, channel }),
    weightGrams: variant.weightGrams,
    taxClass: variant.taxClass,
    categoryIds: product.categoryIds,
    trackInventory: variant.trackInventory,
    allowBackorder: variant.allowBackorder,
  };
}

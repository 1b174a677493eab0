import {
  channelCodeSchema,
  currencySchema,
  type Instant,
  idSchema,
  type PriceListId,
  timestampSchema,
} from "@stoa/kernel";
import { z } from "zod";
import type { ListPrice, ListTerms } from "../documents.ts";
import { priceSchema } from "../documents.ts";
import { skuSchema } from "../names.ts";

export const PRICE_LISTS_MAX = 500;
export const ENTRIES_PER_CALL_MAX = 1_000;
/** Of all lists together, in one product: its document and its read models have to stay small. */
export const LIST_PRICES_PER_PRODUCT_MAX = 1_000;
const PRIORITY_MAX = 100;

const moment = timestampSchema.nullable().default(null);

export const priceListMembersSchema = z
  .strictObject({
    name: z.string().trim().min(1).max(100),
    currency: currencySchema,
    /** Codes; none: everybody. */
    customerGroups: z.array(z.string().trim().min(1).max(100)).max(20).default([]),
    /** Codes; none: every channel. */
    channels: z.array(channelCodeSchema).max(21).default([]),
    startsAt: moment,
    endsAt: moment,
    /** See `priceInForce`. */
    priority: z.int().min(-PRIORITY_MAX).max(PRIORITY_MAX).default(0),
  })
  .refine(({ startsAt, endsAt }) => startsAt === null || endsAt === null || endsAt > startsAt, {
    path: ["endsAt"],
    message: "must be after the start",
  });
export type PriceListMembers = z.infer<typeof priceListMembersSchema>;

/** Many prices that are edited together. Its entries stand in the products themselves, each with all that the list says. */
export interface PriceListDocument extends PriceListMembers {
  readonly _id: PriceListId;
  /** It has ended for good; its entries can be read, and no more. */
  readonly archivedAt: Instant | null;
  /** It is being taken away: the document goes when no product has an entry of it any more. */
  readonly removedAt?: Instant;
  /** Grows with every write; also the version that editors check. */
  readonly revision: number;
  /** Set by every change of its terms, cleared by whoever has brought them to all of its entries. */
  readonly dirty: boolean;
  /** When the entries that are being written now are looked at once more; absent where none were lately. See `setEntries`. */
  readonly checkAt?: Instant;
  readonly createdAt: Instant;
  readonly updatedAt: Instant;
}

/** One price of a list: for so many units of a SKU and more. */
export const entrySchema = z.strictObject({
  sku: skuSchema,
  /** 1, or how many units it takes. */
  minQuantity: z.int().min(1).max(999).default(1),
  /** In minor units of the list's currency; null takes the entry out. */
  amount: priceSchema.shape.amount.nullable(),
});
export type PriceListEntry = z.infer<typeof entrySchema>;

export const listVersion = z.strictObject({ id: idSchema("prl"), version: z.int().min(1) });

/** What a list says of each of its prices. */
type Terms = ListTerms & Pick<ListPrice, "currency" | "startsAt" | "endsAt">;

export function termsOf(list: PriceListDocument): Terms {
  const { _id, name, currency, customerGroups, channels, startsAt, endsAt, priority } = list;
  return {
    ...{ list: _id, name, currency, priority },
    ...(customerGroups.length > 0 && { customerGroups }),
    ...(channels.length > 0 && { channels }),
    ...(startsAt !== null && { startsAt }),
    ...(endsAt !== null && { endsAt }),
  };
}

/** A product's prices of lists, with the entries of one list set anew and all others as they were. */
export function withEntries(
  present: readonly ListPrice[],
  list: PriceListDocument,
  entries: readonly PriceListEntry[],
): ListPrice[] {
  const keyOf = (sku: string, minQuantity = 1) => `${minQuantity} ${sku}`;
  const set = new Map(entries.map((entry) => [keyOf(entry.sku, entry.minQuantity), entry]));
  const kept = present.filter((price) => price.list !== list._id || !set.has(keyOf(price.sku, price.minQuantity)));
  const added = [...set.values()].flatMap(({ sku, minQuantity, amount }): ListPrice[] =>
    amount === null ? [] : [{ ...termsOf(list), sku, amount, ...(minQuantity > 1 && { minQuantity }) }],
  );
  return [...kept, ...added];
}

/** The same with what a list says by now on each of its entries; without them where it is being taken away. */
export function withTerms(present: readonly ListPrice[], list: PriceListDocument): ListPrice[] {
  if (list.removedAt !== undefined) return present.filter((price) => price.list !== list._id);
  return present.map((price) => {
    if (price.list !== list._id) return price;
    const { sku, amount, minQuantity } = price;
    return { ...termsOf(list), sku, amount, ...(minQuantity !== undefined && { minQuantity }) };
  });
}

import { AMOUNT_MAX, assertChargeable, type Currency, idSchema, lineText, money, type StateTable } from "@stoa/kernel";
import { z } from "zod";
import {
  addressSchema,
  type FrozenTerms,
  LINES_PER_CART_MAX,
  QUANTITY_MAX,
  type StaffTerms,
  staffDiscountSchema,
} from "../carts/index.ts";

/** Legal moves of a draft. While it is `completing`, an order is being made of it; one that is refused leaves it open again. */
export const draftStateTable = {
  open: ["completing", "cancelled"],
  completing: ["open", "completed"],
  completed: [],
  cancelled: [],
} as const satisfies StateTable;
export type DraftState = keyof typeof draftStateTable;
export const draftStates = ["open", "completing", "completed", "cancelled"] as const satisfies readonly DraftState[];

const CODES_MAX = 10;
const NOTE_LENGTH_MAX = 2_000;
const amount = z.int().min(0).max(AMOUNT_MAX);
/** Why a price is not the shop's own; it stands in the audit log. */
const reason = lineText(200);

export const draftLineSchema = z.strictObject({
  sku: lineText(100),
  quantity: z.int().min(1).max(QUANTITY_MAX),
  /** For one unit, in minor units of the draft's currency, instead of the catalog's price. */
  manualPrice: z.strictObject({ amount, reason }).optional(),
});
export type DraftLine = z.infer<typeof draftLineSchema>;

const discountSchema = z.strictObject({ off: staffDiscountSchema, reason });
export type ManualDiscount = z.infer<typeof discountSchema>;

const shippingSchema = z.union([
  z.strictObject({ method: idSchema("shp") }),
  z.strictObject({ name: lineText(100), price: amount, reason }),
]);
export type DraftShipping = z.infer<typeof shippingSchema>;

/** Everything that staff say about a draft; a change says all of it again. Prices without a reason come from the catalog. */
export const draftContentSchema = z.strictObject({
  customerId: idSchema("cus").optional(),
  email: z.email().max(254).optional(),
  shippingAddress: addressSchema.optional(),
  billingAddress: addressSchema.optional(),
  lines: z
    .array(draftLineSchema)
    .max(LINES_PER_CART_MAX)
    .refine((lines) => new Set(lines.map((line) => line.sku)).size === lines.length, "names a SKU twice"),
  discount: discountSchema.optional(),
  shipping: shippingSchema.optional(),
  promotionCodes: z.array(lineText(64)).max(CODES_MAX).default([]),
  note: lineText(NOTE_LENGTH_MAX).optional(),
});
export type DraftContent = z.infer<typeof draftContentSchema>;

/** What an order is made of, but for whose it is and where it goes. */
export type QuotedTerms = Omit<FrozenTerms, "customerId" | "email" | "shippingAddress" | "billingAddress">;

interface Priced {
  readonly lines: readonly DraftLine[];
  readonly discount?: ManualDiscount | null | undefined;
  readonly shipping?: DraftShipping | null | undefined;
}

/** What of a draft is priced by hand; null when nothing is. To change it needs a right of its own. */
export function manualPricesOf({ lines, discount, shipping }: Priced) {
  const prices = lines.flatMap(({ sku, manualPrice }) => (manualPrice ? [{ sku, ...manualPrice }] : []));
  const byHand = shipping && "price" in shipping ? shipping : null;
  if (prices.length === 0 && !discount && !byHand) return null;
  return { prices, discount: discount ?? null, shipping: byHand };
}

/** The same for pricing. @throws problem `validation_failed` for an amount that cannot be charged. */
export function staffTermsOf(draft: Priced, currency: Currency): StaffTerms {
  const byHand = manualPricesOf(draft);
  const off = byHand?.discount?.off;
  for (const { amount } of byHand?.prices ?? []) assertChargeable(money(amount, currency), "lines.manualPrice.amount");
  if (off?.kind === "fixed") assertChargeable(money(off.amount, currency), "discount.off.amount");
  if (byHand?.shipping) assertChargeable(money(byHand.shipping.price, currency), "shipping.price");
  return {
    unitPrices: new Map(byHand?.prices.map(({ sku, amount }) => [sku, money(amount, currency)])),
    discount: byHand?.discount?.off ?? null,
    shipping: byHand?.shipping ? { name: byHand.shipping.name, price: money(byHand.shipping.price, currency) } : null,
  };
}

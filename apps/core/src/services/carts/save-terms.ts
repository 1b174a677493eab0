import { type Id, type Instant, isId, newId, problem, systemIds } from "@stoa/kernel";
import { eq } from "drizzle-orm";
import { z } from "zod";
import { isUniqueViolation, type Transaction } from "../../platform/db/index.ts";
import { plainText } from "./cart-patch.ts";
import { promotionConditionSchema, promotionEffectSchema } from "./promotion.ts";
import { type ShippingOptionId, shippingRatesSchema } from "./shipping.ts";
import { promotion, promotionRule, shippingOption, shippingZone, taxRate } from "./tables.ts";

/** What every staff verb here needs. */
export interface TermsContext {
  readonly tx: Transaction;
  readonly now: Instant;
}

const country = z.string().regex(/^[A-Z]{2}$/, "must be an ISO 3166-1 alpha-2 code");
const limit = z.int().min(1).max(1_000_000_000).nullable().default(null);
const instant = z
  .number()
  .int()
  .transform((at) => at as Instant)
  .nullable()
  .default(null);

export const promotionInputSchema = z.strictObject({
  /** Null: it applies by itself. Unique whatever the case. */
  code: plainText(64).nullable().default(null),
  name: plainText(200),
  effect: promotionEffectSchema,
  conditions: z.array(promotionConditionSchema).max(10).default([]),
  priority: z.int().min(0).max(10_000).default(100),
  stackable: z.boolean().default(true),
  /** Milliseconds since the epoch. */
  startsAt: instant,
  endsAt: instant,
  usageLimit: limit,
  usageLimitPerCustomer: limit,
  active: z.boolean().default(true),
});
export type PromotionInput = z.input<typeof promotionInputSchema>;

/** @throws problem `state_conflict` for a code in use, ZodError for a shape that is none. */
export async function createPromotion({ tx, now }: TermsContext, input: PromotionInput): Promise<Id<"prm">> {
  const { conditions, ...given } = promotionInputSchema.parse(input);
  // Two checkouts at once may both be priced as the first; the count decides which of them is.
  const isForFirst = conditions.some((condition) => condition.kind === "first_order");
  const columns = isForFirst ? { ...given, usageLimitPerCustomer: 1 } : given;
  const id = newId("prm");
  try {
    await tx.insert(promotion).values({ ...columns, id, createdAt: now, updatedAt: now });
  } catch (error) {
    if (isUniqueViolation(error)) throw problem("state_conflict", { detail: `The code ${columns.code} is in use.` });
    throw error;
  }
  if (conditions.length > 0) {
    const rules = conditions.map((condition, position) => ({ promotionId: id, position, condition }));
    await tx.insert(promotionRule).values(rules);
  }
  return id;
}

/** A promotion that is switched off takes nothing off any more; orders that used it keep what they got. */
export async function setPromotionActive(
  { tx, now }: TermsContext,
  { id, active }: { readonly id: Id<"prm">; readonly active: boolean },
): Promise<void> {
  const changed = await tx
    .update(promotion)
    .set({ active, updatedAt: now })
    .where(eq(promotion.id, id))
    .returning({ id: promotion.id });
  if (changed.length === 0) throw problem("not_found");
}

export const shippingOptionInputSchema = z.strictObject({
  /** The zone's name; a zone that is not there is made. */
  zone: z.strictObject({ name: plainText(100), countries: z.array(country).max(250) }),
  name: plainText(100),
  rates: shippingRatesSchema,
  position: z.int().min(0).max(1_000).default(0),
  active: z.boolean().default(true),
});
export type ShippingOptionInput = z.input<typeof shippingOptionInputSchema>;

/** Creates an option, or changes the one of that name in its zone. The zone's countries become those given. */
export async function saveShippingOption(
  { tx, now }: TermsContext,
  input: ShippingOptionInput,
): Promise<ShippingOptionId> {
  const { zone, ...columns } = shippingOptionInputSchema.parse(input);
  const [saved] = await tx
    .insert(shippingZone)
    .values({ id: systemIds.ordered(), ...zone, createdAt: now })
    .onConflictDoUpdate({ target: shippingZone.name, set: { countries: zone.countries } })
    .returning({ id: shippingZone.id });
  if (!saved) throw new Error("an upsert answers its row");
  const [option] = await tx
    .insert(shippingOption)
    .values({ ...columns, id: newId("shp"), zoneId: saved.id, createdAt: now, updatedAt: now })
    .onConflictDoUpdate({
      target: [shippingOption.zoneId, shippingOption.name],
      set: { ...columns, updatedAt: now },
    })
    .returning({ id: shippingOption.id });
  if (!isId("shp", option?.id)) throw new Error("an upsert answers its row");
  return option.id;
}

export const taxRateInputSchema = z.strictObject({
  country,
  /** "" for the whole country. */
  region: z.string().max(100).trim().default(""),
  taxClass: plainText(64),
  name: plainText(100),
  /** 1900 = 19 %. */
  basisPoints: z.int().min(0).max(10_000),
  /** Whether prices already hold this tax. */
  included: z.boolean(),
});
export type TaxRateInput = z.input<typeof taxRateInputSchema>;

/** Creates the rate of a country, region and class, or changes it. */
export async function saveTaxRate({ tx, now }: TermsContext, input: TaxRateInput): Promise<void> {
  const rate = taxRateInputSchema.parse(input);
  await tx
    .insert(taxRate)
    .values({ ...rate, region: rate.region.toLowerCase(), id: systemIds.ordered(), updatedAt: now })
    .onConflictDoUpdate({
      target: [taxRate.country, taxRate.region, taxRate.taxClass],
      set: { name: rate.name, basisPoints: rate.basisPoints, included: rate.included, updatedAt: now },
    });
}

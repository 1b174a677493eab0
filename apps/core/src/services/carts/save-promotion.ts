import {
  type Id,
  type Instant,
  instantSchema,
  isCurrency,
  lineText,
  money,
  newId,
  problem,
  refusesCharge,
  timestampSchema,
} from "@stoa/kernel";
import { eq, sql } from "drizzle-orm";
import { z } from "zod";
import { isUniqueViolation, type Transaction } from "../../platform/db/index.ts";
import { type PromotionId, promotionConditionSchema, promotionEffectSchema } from "./promotion.ts";
import { promotion, promotionRule } from "./tables.ts";

/** What every staff verb here needs. */
export interface TermsContext {
  readonly tx: Transaction;
  readonly now: Instant;
}

const limit = z.int().min(1).max(1_000_000_000).nullable().default(null);

function termsWith<S extends z.ZodType<Instant, string | Instant>>(instant: S) {
  const moment = instant.nullable().default(null);
  return z
    .strictObject({
      /** Null: it applies by itself. Unique whatever the case. */
      code: lineText(64).nullable().default(null),
      name: lineText(200),
      effect: promotionEffectSchema,
      conditions: z.array(promotionConditionSchema).max(10).default([]),
      priority: z.int().min(0).max(10_000).default(100),
      isStackable: z.boolean().default(true),
      startsAt: moment,
      endsAt: moment,
      usageLimit: limit,
      usageLimitPerCustomer: limit,
      isActive: z.boolean().default(true),
    })
    .superRefine(({ effect }, context) => {
      if (effect.kind !== "fixed") return;
      for (const [currency, amount] of Object.entries(effect.amounts)) {
        const message = isCurrency(currency) ? refusesCharge(money(amount, currency)) : null;
        if (message !== null) context.addIssue({ code: "custom", path: ["effect", "amounts", currency], message });
      }
    })
    .refine(({ startsAt, endsAt }) => startsAt === null || endsAt === null || startsAt < endsAt, {
      path: ["endsAt"],
      message: "must be after startsAt",
    });
}

/** As a request says it. */
export const promotionInputSchema = termsWith(timestampSchema);
const termsSchema = termsWith(instantSchema as z.ZodType<Instant, Instant>);
export type PromotionInput = z.input<typeof termsSchema>;

/** The input as it is kept: a promotion for first orders counts once for each customer. */
export function parsePromotion(input: PromotionInput) {
  const { conditions, ...given } = termsSchema.parse(input);
  // Two checkouts at once may both be priced as the first; the count decides which of them is.
  const isForFirst = conditions.some((condition) => condition.kind === "first_order");
  return { conditions, columns: isForFirst ? { ...given, usageLimitPerCustomer: 1 } : given };
}

/** @throws problem `state_conflict` for a code in use, ZodError for a shape that is none. */
export async function createPromotion({ tx, now }: TermsContext, input: PromotionInput): Promise<Id<"prm">> {
  const { conditions, columns } = parsePromotion(input);
  const id = newId("prm");
  await refusingCodeInUse(columns.code, async () => {
    await tx.insert(promotion).values({ ...columns, id, createdAt: now, updatedAt: now });
  });
  await writeRules(tx, id, conditions);
  return id;
}

export interface ChangePromotion {
  readonly id: PromotionId;
  /** The version that whoever changes it has seen. */
  readonly version: number;
  readonly promotion: PromotionInput;
}

/**
 * Changes every term of a promotion. What has been counted of it stays counted, and orders that used it keep what they got.
 * @throws problem `not_found`, `version_conflict`, `state_conflict` for a code in use, `validation_failed` for a limit below
 * the uses there are.
 */
export async function changePromotion({ tx, now }: TermsContext, change: ChangePromotion): Promise<void> {
  const { id } = change;
  const { conditions, columns } = parsePromotion(change.promotion);
  const [present] = await tx.select().from(promotion).where(eq(promotion.id, id)).for("update");
  if (!present) throw problem("not_found");
  if (present.version !== change.version) throw problem("version_conflict");
  if (columns.usageLimit !== null && columns.usageLimit < present.used) {
    const message = `it has been used ${present.used} times already`;
    throw problem("validation_failed", { errors: [{ path: "promotion.usageLimit", message }] });
  }
  await refusingCodeInUse(columns.code, async () => {
    await tx
      .update(promotion)
      .set({ ...columns, updatedAt: now, version: sql`${promotion.version} + 1` })
      .where(eq(promotion.id, id));
  });
  await tx.delete(promotionRule).where(eq(promotionRule.promotionId, id));
  await writeRules(tx, id, conditions);
}

/** A promotion that is switched off takes nothing off any more; orders that used it keep what they got. */
export async function setPromotionActive(
  { tx, now }: TermsContext,
  { id, isActive }: { readonly id: PromotionId; readonly isActive: boolean },
): Promise<void> {
  const changed = await tx
    .update(promotion)
    .set({ isActive, updatedAt: now, version: sql`${promotion.version} + 1` })
    .where(eq(promotion.id, id))
    .returning({ id: promotion.id });
  if (changed.length === 0) throw problem("not_found");
}

async function writeRules(
  tx: Transaction,
  promotionId: PromotionId,
  conditions: z.output<typeof termsSchema>["conditions"],
): Promise<void> {
  if (conditions.length === 0) return;
  await tx
    .insert(promotionRule)
    .values(conditions.map((condition, position) => ({ promotionId, position, condition })));
}

async function refusingCodeInUse(code: string | null, write: () => Promise<void>): Promise<void> {
  try {
    await write();
  } catch (error) {
    if (isUniqueViolation(error)) throw problem("state_conflict", { detail: `The code ${code} is in use.` });
    throw error;
  }
}

import { type Id, type Instant, toTimestamp } from "@stoa/kernel";
import { asc, inArray, type SQL, sql } from "drizzle-orm";
import type { Database, Transaction } from "../../platform/db/index.ts";
import type { Promotion } from "./promotion.ts";
import { promotion, promotionCustomer, promotionRule } from "./tables.ts";

/** Automatic promotions that are looked at for each cart, by priority. */
const AUTOMATIC_MAX = 50;

export interface Shopper {
  readonly customerId: Id<"cus"> | null;
  readonly email: string | null;
}

/** Every name a customer is known by: a limit per customer is not dodged by signing out, nor by another e-mail address. */
export function customerKeys({ customerId, email }: Shopper): string[] {
  return [...(customerId === null ? [] : [customerId]), ...(email === null ? [] : [emailKey(email)])];
}

/** An address is kept as its hash: enough to count by, and nothing is left of somebody who asks to be forgotten. */
function emailKey(email: string): string {
  return new Bun.CryptoHasher("sha256").update(email.toLowerCase()).digest("hex");
}

/** Those with one of the codes (in any case), and those that apply by themselves. */
export async function findPromotions(
  db: Database | Transaction,
  question: { readonly codes: readonly string[]; readonly shopper: Shopper; readonly now: Instant },
): Promise<Promotion[]> {
  const at = sql`${toTimestamp(question.now)}::timestamptz`;
  const automatic = sql`select id from ${promotion} where code is null and active
    and (starts_at is null or starts_at <= ${at}) and (ends_at is null or ends_at > ${at})
    order by priority limit ${AUTOMATIC_MAX}`;
  const codes = question.codes.map((code) => code.toUpperCase());
  const wanted: SQL =
    codes.length === 0
      ? sql`${promotion.id} in (${automatic})`
      : sql`(${promotion.id} in (${automatic}) or upper(${promotion.code}) in ${codes})`;
  return readPromotions(db, wanted, question.shopper);
}

export async function readPromotions(db: Database | Transaction, wanted: SQL, shopper: Shopper): Promise<Promotion[]> {
  const keys = customerKeys(shopper);
  const usedByCustomer =
    keys.length === 0
      ? sql<number>`0`
      : sql<number>`coalesce((select max(c.used) from ${promotionCustomer} c
          where c.promotion_id = ${promotion.id} and c.customer_key in ${keys}), 0)`;
  const rows = await db
    .select({
      id: promotion.id,
      code: promotion.code,
      name: promotion.name,
      effect: promotion.effect,
      priority: promotion.priority,
      stackable: promotion.stackable,
      startsAt: promotion.startsAt,
      endsAt: promotion.endsAt,
      usageLimit: promotion.usageLimit,
      usageLimitPerCustomer: promotion.usageLimitPerCustomer,
      used: promotion.used,
      active: promotion.active,
      usedByCustomer,
    })
    .from(promotion)
    .where(wanted)
    .orderBy(asc(promotion.priority), asc(promotion.id));
  if (rows.length === 0) return [];
  const rules = await db
    .select({ promotionId: promotionRule.promotionId, condition: promotionRule.condition })
    .from(promotionRule)
    .where(
      inArray(
        promotionRule.promotionId,
        rows.map((row) => row.id),
      ),
    )
    .orderBy(asc(promotionRule.position));
  return rows.map((row) => ({
    ...row,
    conditions: rules.filter((rule) => rule.promotionId === row.id).map((rule) => rule.condition),
  }));
}

import {
  assertChargeable,
  type CustomerId,
  type GiftCardId,
  type Instant,
  type Money,
  newId,
  type OrderId,
  problem,
} from "@stoa/kernel";
import { and, eq } from "drizzle-orm";
import type { Actor } from "../../../platform/rpc/index.ts";
import type { VerbContext } from "../attempt.ts";
import { giftCard } from "../tables.ts";
import {
  hashGiftCardCode,
  lastFour,
  newGiftCardCode,
  normalizeGiftCardCode,
  type RandomBytes,
} from "./gift-card-code.ts";
import { addToBalance } from "./write-entry.ts";

/** The most that one card is issued for, in minor units. */
export const ISSUED_AMOUNT_MAX = 1_000_000_000;

export interface IssueGiftCard {
  readonly amount: Money;
  readonly expiresAt: Instant | null;
  /** Whom it was made for. It still belongs to whoever knows the code. */
  readonly customerId: CustomerId | null;
  readonly reason: string | null;
  readonly actor: Actor;
}

export interface IssuedGiftCard {
  readonly giftCardId: GiftCardId;
  /** Said here once; only its hash is kept. */
  readonly code: string;
  readonly last4: string;
}

/** Makes a gift card and books what the shop owes for it. @throws problem `validation_failed` for an amount out of bounds. */
export async function issueGiftCard(
  context: VerbContext,
  input: IssueGiftCard,
  random?: RandomBytes,
): Promise<IssuedGiftCard> {
  const { tx, now } = context;
  const { amount, expiresAt, customerId, reason, actor } = input;
  assertIssuable(amount);
  const code = newGiftCardCode(random);
  const normal = normalizeGiftCardCode(code);
  if (normal === null) throw new Error("a new code does not read as one");
  const giftCardId = newId("gft");
  const last4 = lastFour(normal);
  await tx.insert(giftCard).values({
    id: giftCardId,
    kind: "gift_card",
    codeHash: hashGiftCardCode(normal),
    last4,
    customerId,
    currency: amount.currency,
    expiresAt,
    createdAt: now,
    updatedAt: now,
  });
  await addToBalance(context, { giftCardId, type: "issued", ...amount, cause: giftCardId, reason, actor });
  return { giftCardId, code, last4 };
}

export interface IssueStoreCredit {
  readonly customerId: CustomerId;
  readonly amount: Money;
  /** What it is for, such as a return's id: the same cause pays once. */
  readonly cause: string;
  readonly orderId?: OrderId | null;
  readonly reason: string | null;
  readonly actor: Actor;
}

/**
 * Adds to a customer's store credit in a currency, opening the account when it is the first time. Idempotent by cause.
 * @throws problem `validation_failed` for an amount out of bounds.
 */
export async function issueStoreCredit(context: VerbContext, input: IssueStoreCredit): Promise<GiftCardId> {
  const { customerId, amount, cause, orderId = null, reason, actor } = input;
  assertIssuable(amount);
  const giftCardId = await storeCreditAccount(context, customerId, amount.currency);
  await addToBalance(context, { giftCardId, type: "issued", ...amount, cause, orderId, reason, actor });
  return giftCardId;
}

function assertIssuable(issued: Money): void {
  const { amount } = issued;
  assertChargeable(issued, "amount");
  if (amount > 0 && amount <= ISSUED_AMOUNT_MAX) return;
  const message = `must be from 1 to ${ISSUED_AMOUNT_MAX} minor units`;
  throw problem("validation_failed", { errors: [{ path: "amount", message }] });
}

/** A customer's store credit in a currency, opened when it is the first time. */
export async function storeCreditAccount(
  { tx, now }: VerbContext,
  customerId: CustomerId,
  currency: Money["currency"],
): Promise<GiftCardId> {
  const account = { kind: "store_credit", customerId, currency } as const;
  await tx
    .insert(giftCard)
    .values({ ...account, id: newId("gft"), createdAt: now, updatedAt: now })
    .onConflictDoNothing();
  const [row] = await tx
    .select({ id: giftCard.id })
    .from(giftCard)
    .where(and(eq(giftCard.kind, account.kind), eq(giftCard.customerId, customerId), eq(giftCard.currency, currency)));
  if (!row) throw new Error(`no store credit of ${customerId} in ${currency}`);
  return row.id;
}

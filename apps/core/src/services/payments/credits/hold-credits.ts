import { type Currency, type CustomerId, type GiftCardId, type OrderId, problem, toUuid } from "@stoa/kernel";
import { and, asc, eq, sql } from "drizzle-orm";
import type { VerbContext } from "../attempt.ts";
import { creditTender, giftCard } from "../tables.ts";
import { CREDITS_PER_ORDER_MAX, type CreditTenderState } from "./credit.ts";
import { postEntries } from "./credit-ledger.ts";
import { type EntryNote, entryColumns, entryValues, timestamp } from "./write-entry.ts";

export interface HeldCredit {
  readonly giftCardId: GiftCardId;
  /** Minor units of the order's currency, more than 0. */
  readonly amount: number;
}

export interface HoldCredits {
  readonly orderId: OrderId;
  readonly currency: Currency;
  /** Store credit is only ever held for its own customer. */
  readonly customerId: CustomerId | null;
  readonly credits: readonly HeldCredit[];
}

const checkout = { kind: "system", name: "checkout" } as const;

/**
 * Sets aside what an order takes from gift cards and store credit, all of it or nothing: one guarded statement a card decides, so
 * however many checkouts share a card, no more than its balance is ever held. Doing it again changes nothing.
 * @throws problem `gift_card_not_applicable` when a card has not got that much, has ended, or is a stranger's store credit.
 */
export async function holdCredits(context: VerbContext, input: HoldCredits): Promise<void> {
  const { credits } = input;
  if (credits.length > CREDITS_PER_ORDER_MAX) throw new Error("more credits than an order takes");
  // One order for all, so that two checkouts that share two cards wait for each other instead of dying of it.
  const ordered = credits.map((credit, position) => ({ ...credit, position }));
  ordered.sort((left, right) => (left.giftCardId < right.giftCardId ? -1 : 1));
  for (const credit of ordered) {
    if (await hold(context, input, credit)) continue;
    const detail = "A gift card or store credit no longer holds what was to be taken from it.";
    throw problem("gift_card_not_applicable", {
      detail,
      giftCardId: credit.giftCardId,
      reason: "insufficient_balance",
    });
  }
}

async function hold(
  context: VerbContext,
  { orderId, currency, customerId }: HoldCredits,
  { giftCardId, amount, position }: HeldCredit & { readonly position: number },
): Promise<boolean> {
  const now = timestamp(context.now);
  const note = entryValues(context, { type: "held", cause: orderId, orderId, actor: checkout });
  const [counted] = await context.tx.execute<{ fresh: number; taken: number }>(sql`
    with fresh as (
      insert into payments.credit_tender (order_id, gift_card_id, position, state, amount, created_at, updated_at)
      values (${toUuid(orderId)}::uuid, ${toUuid(giftCardId)}::uuid, ${position}::int, 'held', ${amount}::bigint, ${now}, ${now})
      on conflict (order_id, gift_card_id) do nothing
      returning gift_card_id, amount
    ),
    taken as (
      update payments.gift_card card set held = card.held + fresh.amount, updated_at = ${now}
      from fresh
      where card.id = fresh.gift_card_id and card.currency = ${currency} and card.balance - card.held >= fresh.amount
        and card.disabled_at is null and (card.expires_at is null or card.expires_at > ${now})
        and (card.kind <> 'store_credit' or card.customer_id = ${customerId && toUuid(customerId)}::uuid)
      returning card.id, fresh.amount
    ),
    noted as (insert into ${entryColumns} select taken.id, taken.amount, ${note} from taken returning seq)
    select (select count(*) from fresh)::int as fresh, (select count(*) from taken)::int as taken`);
  return counted !== undefined && counted.fresh === counted.taken;
}

/** Lets go of what is still held for an order. Accepts that nothing ever was, and being done twice. */
export async function releaseCredits(context: VerbContext, { orderId }: { readonly orderId: OrderId }): Promise<void> {
  for (const tender of await tendersOf(context, orderId)) await endHold(context, tender, "released");
}

/**
 * Spends what is held for an order; it is confirmed in the same transaction. Doing it again changes nothing.
 * @throws Error when something of it has been released: the order then lacks money, and people have to look.
 */
export async function redeemCredits(context: VerbContext, { orderId }: { readonly orderId: OrderId }): Promise<void> {
  const spent: EntryNote[] = [];
  for (const tender of await tendersOf(context, orderId)) {
    if (tender.state === "released") throw new Error(`credit of order ${orderId} has been released`);
    const note = await endHold(context, tender, "redeemed");
    if (note) spent.push(note);
  }
  await postEntries(context, spent);
}

export type TenderRow = Pick<typeof creditTender.$inferSelect, "orderId" | "giftCardId" | "state" | "amount"> & {
  readonly currency: Currency;
};

/** What an order takes from credits, in the order in which cards are locked. */
function tendersOf({ tx }: VerbContext, orderId: OrderId): Promise<TenderRow[]> {
  const { state, amount, giftCardId } = creditTender;
  return tx
    .select({ orderId: creditTender.orderId, giftCardId, state, amount, currency: giftCard.currency })
    .from(creditTender)
    .innerJoin(giftCard, eq(giftCard.id, creditTender.giftCardId))
    .where(and(eq(creditTender.orderId, orderId)))
    .orderBy(asc(creditTender.giftCardId));
}

/** Answers null, and changes nothing, unless the tender is held. */
async function endHold(
  context: VerbContext,
  { orderId, giftCardId, currency }: TenderRow,
  type: Exclude<CreditTenderState, "held">,
): Promise<EntryNote | null> {
  const now = timestamp(context.now);
  const what = { type, cause: orderId, orderId, actor: checkout };
  const spent = type === "redeemed" ? sql`ended.amount` : sql`0`;
  const [written] = await context.tx.execute<{ amount: string }>(sql`
    with ended as (
      update payments.credit_tender set state = ${type}, updated_at = ${now}
      where order_id = ${toUuid(orderId)}::uuid and gift_card_id = ${toUuid(giftCardId)}::uuid and state = 'held'
      returning gift_card_id, amount
    ),
    moved as (
      update payments.gift_card card
      set held = card.held - ended.amount, balance = card.balance - ${spent}, updated_at = ${now}
      from ended where card.id = ended.gift_card_id
      returning card.id
    )
    insert into ${entryColumns} select ended.gift_card_id, ended.amount, ${entryValues(context, what)} from ended
    returning amount`);
  return written ? { ...what, giftCardId, currency, amount: Number(written.amount) } : null;
}

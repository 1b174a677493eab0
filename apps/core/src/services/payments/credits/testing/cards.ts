import { type Instant, type Money, money, newId, type OrderId } from "@stoa/kernel";
import { eq, sql } from "drizzle-orm";
import { type Database, transact } from "../../../../platform/db/index.ts";
import { movableClock, testDatabase } from "../../../../testing/index.ts";
import type { VerbContext } from "../../attempt.ts";
import { ledgerEntry } from "../../tables.ts";
import { holdCredits } from "../hold-credits.ts";
import { issueGiftCard } from "../issue-gift-card.ts";
import { giftCard } from "../tables.ts";

export const staffActor = { kind: "system", name: "test" } as const;

/** A database of its own with a clock, and verbs run in transactions of their own. */
export async function creditShop() {
  const database = await testDatabase();
  const { db } = database;
  const clock = movableClock();
  const run = <T>(work: (context: VerbContext) => Promise<T>): Promise<T> =>
    transact(db, (tx) => work({ tx, now: clock.now() }));
  return {
    db,
    clock,
    run,
    card: (amount: number, more: { readonly currency?: Money["currency"]; readonly expiresAt?: Instant } = {}) =>
      run((context) =>
        issueGiftCard(context, {
          amount: money(amount, more.currency ?? "USD"),
          expiresAt: more.expiresAt ?? null,
          customerId: null,
          reason: null,
          actor: staffActor,
        }),
      ),
    hold(giftCardId: Awaited<ReturnType<typeof issueGiftCard>>["giftCardId"], amount: number, orderId = newId("ord")) {
      const input = { orderId, currency: "USD", customerId: null, credits: [{ giftCardId, amount }] } as const;
      return run((context) => holdCredits(context, input)).then((): OrderId => orderId);
    },
    [Symbol.asyncDispose]: () => database[Symbol.asyncDispose](),
  };
}
export type CreditShop = Awaited<ReturnType<typeof creditShop>>;
export type CardId = Awaited<ReturnType<CreditShop["card"]>>["giftCardId"];

/** What a card has left, and what of that is held; undefined for a card that there is none of. */
export async function standingOf(db: Database, id: CardId) {
  const [row] = await db.select().from(giftCard).where(eq(giftCard.id, id));
  return { balance: row?.balance, held: row?.held };
}

/** Balances of the ledger's credit accounts, zero ones left out. */
export async function creditBalances(db: Database): Promise<Record<string, number>> {
  const rows = await db
    .select({ account: ledgerEntry.account, balance: sql<string>`sum(${ledgerEntry.amount})` })
    .from(ledgerEntry)
    .where(sql`${ledgerEntry.account} like 'credits.%'`)
    .groupBy(ledgerEntry.account);
  return Object.fromEntries(
    rows.flatMap(({ account, balance }) => (balance === "0" ? [] : [[account, Number(balance)]])),
  );
}

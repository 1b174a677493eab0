import { expect } from "bun:test";
import { type CartId, money, type OrderId, toUuid } from "@stoa/kernel";
import { sql } from "drizzle-orm";
import { transact } from "../../../platform/db/index.ts";
import { applyGiftCard } from "../../carts/index.ts";
import { issueGiftCard, verifyCredits } from "../../payments/index.ts";
import { aCart, guest, leftBehind, type Shop } from "./checkout.ts";

export async function aGiftCard(shop: Shop, amount: number) {
  const asked = { amount: money(amount, "USD"), expiresAt: null, customerId: null, reason: null };
  const actor = { kind: "system", name: "test" } as const;
  return transact(shop.db, (tx) => issueGiftCard({ tx, now: shop.clock.now() }, { ...asked, actor }));
}
type IssuedCard = Awaited<ReturnType<typeof aGiftCard>>;

export async function standing(shop: Shop, { giftCardId }: IssuedCard) {
  const [row] = await shop.db.execute<{ balance: string; held: string }>(
    sql`select balance, held from payments.gift_card where id = ${toUuid(giftCardId)}::uuid`,
  );
  return { balance: Number(row?.balance), held: Number(row?.held) };
}

export async function aCartWith(shop: Shop, sku: string, cards: readonly IssuedCard[]): Promise<CartId> {
  const cartId = await aCart(shop, sku);
  for (const { code } of cards) {
    await transact(shop.db, (tx) =>
      applyGiftCard(shop.carts, { tx, now: shop.clock.now(), actor: guest }, { cartId, code }),
    );
  }
  return cartId;
}

/** An order is confirmed and captured: what its tenders add up to is its total, and the provider's books have exactly the rest. */
export async function expectPaidBy(shop: Shop, orderId: OrderId, sku: string, byCards: number) {
  const left = await leftBehind(shop, orderId, sku);
  expect(left.view.state).toBe("confirmed");
  const { total } = left.view.totals;
  const tenders = left.view.payment.tenders ?? [];
  expect(tenders.reduce((sum, tender) => sum + tender.amount.amount, 0)).toBe(total.amount);
  const rest = total.amount - byCards;
  expect(left.charges).toEqual(rest > 0 ? [{ state: "captured", amount: rest }] : []);
  expect(left.view.payment.state).toBe("captured");
  return left.view;
}

/** Whatever the tests did, the cards' books and the ledger agree, and the ledger adds up to zero. */
export async function closeGiftCardShop(shop: Shop): Promise<void> {
  expect(await verifyCredits(shop.db)).toEqual([]);
  const off = await shop.db.execute(
    sql`select currency from payments.ledger_entry group by currency having sum(amount) <> 0`,
  );
  expect([...off]).toEqual([]);
  await shop[Symbol.asyncDispose]();
}

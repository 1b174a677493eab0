import { type CartId, type GiftCardId, type Money, problem } from "@stoa/kernel";
import { type SQL, sql } from "drizzle-orm";
import type { CustomerActor } from "../../platform/rpc/index.ts";
import { CREDITS_MAX, type Credit, type StoredCredit } from "./cart-credits.ts";
import type { CartContext, CartsDeps } from "./context.ts";
import { editCart } from "./edit-cart.ts";
import { findCart } from "./find-cart.ts";
import { cart } from "./tables.ts";

/**
 * Puts a gift card on a cart, to pay for it as far as it goes. One that is there already stays where it is.
 * @throws problem `not_found`, `cart_completed`, `gift_card_not_applicable` for an unknown code as for one that has ended or is
 * empty, `currency_mismatch`.
 */
export async function applyGiftCard(
  deps: CartsDeps,
  context: CartContext,
  { cartId, code }: { readonly cartId: CartId; readonly code: string },
): Promise<void> {
  const { tx, now, actor } = context;
  const present = await findCart({ db: tx, now, actor }, cartId);
  const credit = await deps.credits.byCode({ db: tx, now }, code);
  if (!credit || credit.available === 0) throw notApplicable("There is no such gift card, or nothing is left on it.");
  await take(context, cartId, { credit, limit: null, currency: present.currency });
}

/**
 * Pays for a cart by the customer's own store credit: as far as it goes, or up to an amount. Doing so again sets the amount anew.
 * The cart becomes the customer's, so that nobody else can spend it.
 * @throws problem `not_found`, `cart_completed`, `gift_card_not_applicable` when there is none in the cart's currency,
 * `currency_mismatch` for an amount in another one.
 */
export async function useStoreCredit(
  deps: CartsDeps,
  context: CartContext & { readonly actor: CustomerActor },
  { cartId, amount }: { readonly cartId: CartId; readonly amount?: Money | undefined },
): Promise<void> {
  const { tx, now, actor } = context;
  const { currency } = await findCart({ db: tx, now, actor }, cartId);
  if (amount && amount.currency !== currency) throw mismatch(currency);
  const accounts = await deps.credits.ofCustomer({ db: tx, now }, actor.customerId);
  const credit = accounts.find((one) => one.currency === currency && one.available > 0);
  if (!credit) throw notApplicable(`There is no store credit in ${currency}.`);
  await take(context, cartId, { credit, limit: amount?.amount ?? null, currency });
}

/** Takes a gift card or store credit off a cart; one that is not there is no mistake. @throws problem `not_found`, `cart_completed`. */
export async function removeCredit(
  context: CartContext,
  { cartId, id }: { readonly cartId: CartId; readonly id: GiftCardId },
): Promise<void> {
  await editCart(context, cartId, { credits: sql`${without(id)}` });
}

async function take(
  context: CartContext,
  cartId: CartId,
  input: { readonly credit: Credit; readonly limit: number | null; readonly currency: Money["currency"] },
): Promise<void> {
  const { credit, limit, currency } = input;
  if (credit.currency !== currency) throw mismatch(currency);
  const entry = sql`${JSON.stringify([{ id: credit.id, limit } satisfies StoredCredit])}::text::jsonb`;
  const isThere = sql`${cart.credits} @> ${JSON.stringify([{ id: credit.id }])}::text::jsonb`;
  const replaced = sql`(select jsonb_agg(case when one->>'id' = ${credit.id} then ${entry}->0 else one end order by place)
    from jsonb_array_elements(${cart.credits}) with ordinality as kept(one, place))`;
  const edited = await editCart(context, cartId, {
    credits: sql`case when ${isThere} then ${replaced} else ${cart.credits} || ${entry} end`,
    // Store credit never waits on a cart that somebody else could check out.
    ...(credit.ownerId !== null && { customerId: credit.ownerId }),
  });
  if (edited.credits.length > CREDITS_MAX) throw notApplicable(`A cart takes at most ${CREDITS_MAX} gift cards.`);
}

function without(id: GiftCardId): SQL {
  return sql`coalesce((select jsonb_agg(one order by place)
    from jsonb_array_elements(${cart.credits}) with ordinality as kept(one, place) where one->>'id' <> ${id}), '[]')`;
}

function notApplicable(detail: string) {
  return problem("gift_card_not_applicable", { detail });
}

function mismatch(currency: Money["currency"]) {
  return problem("currency_mismatch", { detail: `This cart is in ${currency}.` });
}

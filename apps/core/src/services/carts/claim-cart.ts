import { type CartId, type CustomerId, problem, toUuid } from "@stoa/kernel";
import { and, asc, desc, eq, inArray, ne, sql } from "drizzle-orm";
import type { CustomerActor } from "../../platform/rpc/index.ts";
import { LINES_PER_CART_MAX, PROMOTION_CODES_MAX, QUANTITY_MAX } from "./cart.ts";
import { CREDITS_MAX } from "./cart-credits.ts";
import type { CartContext } from "./context.ts";
import { touched } from "./edit-cart.ts";
import { type CartRow, findCart, mayUse } from "./find-cart.ts";
import { cart } from "./tables.ts";

type ClaimContext = CartContext & { readonly actor: CustomerActor };

/**
 * At sign-in: the guest's cart becomes the customer's, or joins the one the customer has. Quantities of one SKU are summed,
 * up to a cart's limits; what the customer's own cart says of e-mail, addresses and custom fields goes before the guest's.
 * The cart that is merged away keeps its lines (`restoreMergedCart`). Idempotent. Answers the cart that is left.
 * @throws problem `not_found` for another customer's cart, `cart_completed`.
 */
export async function claimCart(context: ClaimContext, cartId: CartId): Promise<CartId> {
  const { tx, actor } = context;
  // Two devices of one customer that sign in at once take turns, so that both carts end up in one.
  await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${`carts.claim:${actor.customerId}`}, 0))`);
  const own = await ownCartId(context, cartId);
  const rows = await lockCarts(context, own === null ? [cartId] : [cartId, own]);
  const claimed = rows.find((row) => row.id === cartId);
  if (!claimed) throw problem("not_found");
  if (claimed.state === "merged") return mergedInto(context, claimed);
  if (claimed.state !== "open") throw problem("cart_completed");
  if (claimed.customerId === actor.customerId) return cartId;
  const kept = rows.find((row) => row.id === own && row.state === "open");
  if (!kept) return adopt(context, cartId);
  await joinLines(context, { from: cartId, to: kept.id });
  await joinRest(context, claimed, kept);
  return kept.id;
}

/**
 * The customer's own open cart that was changed last, if there is one beside the claimed. One in another currency or channel is
 * no match: a cart keeps both, and not everything is sold in either.
 */
async function ownCartId({ tx, actor }: ClaimContext, claimed: CartId): Promise<CartId | null> {
  const [own] = await tx
    .select({ id: cart.id })
    .from(cart)
    .where(
      and(
        eq(cart.customerId, actor.customerId),
        eq(cart.state, "open"),
        ne(cart.id, claimed),
        sql`(${cart.currency}, ${cart.channel}) = (select c.currency, c.channel from carts.cart c where c.id = ${toUuid(claimed)}::uuid)`,
      ),
    )
    .orderBy(desc(cart.updatedAt), desc(cart.id))
    .limit(1);
  return own?.id ?? null;
}

function lockCarts({ tx, actor }: ClaimContext, ids: readonly CartId[]): Promise<CartRow[]> {
  return tx
    .select()
    .from(cart)
    .where(and(inArray(cart.id, [...ids]), mayUse(actor)))
    .orderBy(asc(cart.id))
    .for("update");
}

/** A merged cart leads only its own customer on to the cart that took its lines. */
async function mergedInto({ tx, now, actor }: ClaimContext, claimed: CartRow): Promise<CartId> {
  if (claimed.mergedInto === null) throw problem("not_found");
  const survivor = await findCart({ db: tx, now, actor }, claimed.mergedInto);
  if (survivor.customerId !== actor.customerId) throw problem("not_found");
  return survivor.id;
}

async function adopt({ tx, now, actor }: ClaimContext, cartId: CartId): Promise<CartId> {
  await tx
    .update(cart)
    .set({ ...touched(now), customerId: actor.customerId, email: sql`coalesce(${cart.email}, ${actor.email})` })
    .where(eq(cart.id, cartId));
  return cartId;
}

/** What fits: lines behind the hundredth stay in the merged cart alone. Of so many units together nobody has seen a price yet. */
async function joinLines(
  { tx }: ClaimContext,
  { from, to }: { readonly from: CartId; readonly to: CartId },
): Promise<void> {
  const into = sql`${toUuid(to)}::uuid`;
  const outOf = sql`${toUuid(from)}::uuid`;
  await tx.execute(sql`
    with there as (select sku from carts.cart_line where cart_id = ${into}),
    known as (
      select sku, quantity, seen_amount, custom_fields, seq from carts.cart_line
      where cart_id = ${outOf} and sku in (select sku from there)
    ),
    fresh as (
      select sku, quantity, seen_amount, custom_fields, seq from carts.cart_line
      where cart_id = ${outOf} and sku not in (select sku from there)
      order by seq limit greatest(${LINES_PER_CART_MAX} - (select count(*) from there), 0)
    )
    insert into carts.cart_line as l (cart_id, sku, quantity, seen_amount, custom_fields)
    select ${into}, sku, quantity, seen_amount, custom_fields from (select * from known union all select * from fresh) lines order by seq
    on conflict (cart_id, sku) do update set quantity = least(l.quantity + excluded.quantity, ${QUANTITY_MAX}), seen_amount = null,
      custom_fields = excluded.custom_fields || l.custom_fields`);
}

async function joinRest({ tx, now }: ClaimContext, claimed: CartRow, kept: CartRow): Promise<void> {
  const promotionCodes = [...new Set([...kept.promotionCodes, ...claimed.promotionCodes])].slice(
    0,
    PROMOTION_CODES_MAX,
  );
  const known = new Set(kept.credits.map((credit) => credit.id));
  const credits = [...kept.credits, ...claimed.credits.filter((credit) => !known.has(credit.id))].slice(0, CREDITS_MAX);
  await tx
    .update(cart)
    .set({
      ...touched(now),
      credits,
      email: kept.email ?? claimed.email,
      shippingAddress: kept.shippingAddress ?? claimed.shippingAddress,
      billingAddress: kept.billingAddress ?? claimed.billingAddress,
      customFields: { ...claimed.customFields, ...kept.customFields },
      shippingOptionId: kept.shippingOptionId ?? claimed.shippingOptionId,
      promotionCodes,
    })
    .where(eq(cart.id, kept.id));
  await tx
    .update(cart)
    .set({ ...touched(now), state: "merged", mergedInto: kept.id })
    .where(eq(cart.id, claimed.id));
}

/**
 * Opens a merged cart again with the lines it had, as the customer's own; the cart it went into stays as it is. Idempotent.
 * @throws problem `not_found` unless it was merged into a cart of this customer, or has been opened for them already.
 */
export async function restoreMergedCart(
  { tx, now }: Pick<CartContext, "tx" | "now">,
  { cartId, customerId }: { readonly cartId: CartId; readonly customerId: CustomerId },
): Promise<CartId> {
  const restored = await tx
    .update(cart)
    .set({ ...touched(now), state: "open", mergedInto: null, customerId })
    .where(
      and(
        eq(cart.id, cartId),
        eq(cart.state, "merged"),
        sql`exists (select from carts.cart k where k.id = ${cart.mergedInto} and k.customer_id = ${toUuid(customerId)}::uuid)`,
      ),
    )
    .returning({ id: cart.id });
  if (restored.length > 0) return cartId;
  const own = and(eq(cart.id, cartId), eq(cart.state, "open"), eq(cart.customerId, customerId));
  const [open] = await tx.select({ id: cart.id }).from(cart).where(own);
  if (!open) throw problem("not_found");
  return cartId;
}

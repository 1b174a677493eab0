import { type CartId, currencySchema, type Instant, idSchema, moneySchema } from "@stoa/kernel";
import type { CartView } from "@stoa/read-models";
import { z } from "zod";
import { type Transaction, transact } from "../../platform/db/index.ts";
import { replayable } from "../../platform/idempotency/index.ts";
import { customerProcedure, type RpcContext, router, type ShopActor, shopProcedure } from "../../platform/rpc/index.ts";
import { addItem } from "./add-item.ts";
import { LINES_PER_CART_MAX, QUANTITY_MAX } from "./cart.ts";
import { cartPatchSchema, plainText } from "./cart-patch.ts";
import { claimCart } from "./claim-cart.ts";
import type { CartsDeps } from "./context.ts";
import { createCart } from "./create-cart.ts";
import { applyGiftCard, removeCredit, useStoreCredit } from "./credits-on-cart.ts";
import { getCart } from "./get-cart.ts";
import { listShippingMethods } from "./list-shipping-methods.ts";
import { applyPromotion, removePromotion } from "./promotions-on-cart.ts";
import { createPromotionsRouter } from "./promotions-router.ts";
import { setQuantity } from "./set-quantity.ts";
import { createTermsRouter } from "./terms-router.ts";
import { updateCart } from "./update-cart.ts";

const cartId = idSchema("cart");
const sku = plainText(100);
const quantity = z.int().min(1).max(QUANTITY_MAX);
const code = plainText(64);
const item = z.strictObject({ sku, quantity });

type ShopContext = RpcContext & { readonly actor: ShopActor };

/** For edge: everything a shopper does with a cart; each procedure answers the cart as it is afterwards. For the dashboard: the terms. */
export function createCartsRouter(deps: CartsDeps) {
  const changed = changing(deps);
  return router({
    create: shopProcedure
      .input(
        z.strictObject({
          currency: currencySchema.optional(),
          items: z.array(item).max(LINES_PER_CART_MAX).optional(),
        }),
      )
      .mutation(({ ctx, input }) =>
        changed(ctx, "carts.create", input, ({ tx, now }) => createCart(deps, { tx, now, actor: ctx.actor }, input)),
      ),
    get: shopProcedure
      .input(z.strictObject({ cartId }))
      .query(({ ctx, input }) => getCart(deps, { db: deps.db, now: deps.clock.now(), actor: ctx.actor }, input.cartId)),
    update: shopProcedure.input(z.strictObject({ cartId, patch: cartPatchSchema })).mutation(({ ctx, input }) =>
      changed(ctx, "carts.update", input, async ({ tx, now }) => {
        await updateCart(deps, { tx, now, actor: ctx.actor }, input);
        return input.cartId;
      }),
    ),
    addItem: shopProcedure.input(z.strictObject({ cartId, sku, quantity })).mutation(({ ctx, input }) =>
      changed(ctx, "carts.addItem", input, async ({ tx, now }) => {
        await addItem(deps, { tx, now, actor: ctx.actor }, { cartId: input.cartId, items: [input] });
        return input.cartId;
      }),
    ),
    setQuantity: shopProcedure
      .input(z.strictObject({ cartId, sku, quantity: z.int().min(0).max(QUANTITY_MAX) }))
      .mutation(({ ctx, input }) =>
        changed(ctx, "carts.setQuantity", input, async ({ tx, now }) => {
          await setQuantity(deps, { tx, now, actor: ctx.actor }, input);
          return input.cartId;
        }),
      ),
    applyPromotion: shopProcedure.input(z.strictObject({ cartId, code })).mutation(({ ctx, input }) =>
      changed(ctx, "carts.applyPromotion", input, async ({ tx, now }) => {
        await applyPromotion(deps, { tx, now, actor: ctx.actor }, input);
        return input.cartId;
      }),
    ),
    removePromotion: shopProcedure.input(z.strictObject({ cartId, code })).mutation(({ ctx, input }) =>
      changed(ctx, "carts.removePromotion", input, async ({ tx, now }) => {
        await removePromotion({ tx, now, actor: ctx.actor }, input);
        return input.cartId;
      }),
    ),
    applyGiftCard: shopProcedure.input(z.strictObject({ cartId, code })).mutation(({ ctx, input }) =>
      changed(ctx, "carts.applyGiftCard", input, async ({ tx, now }) => {
        await applyGiftCard(deps, { tx, now, actor: ctx.actor }, input);
        return input.cartId;
      }),
    ),
    removeGiftCard: shopProcedure.input(z.strictObject({ cartId, id: idSchema("gft") })).mutation(({ ctx, input }) =>
      changed(ctx, "carts.removeGiftCard", input, async ({ tx, now }) => {
        await removeCredit({ tx, now, actor: ctx.actor }, input);
        return input.cartId;
      }),
    ),
    useStoreCredit: customerProcedure
      .input(z.strictObject({ cartId, amount: moneySchema.refine((value) => value.amount > 0).optional() }))
      .mutation(({ ctx, input }) =>
        changed(ctx, "carts.useStoreCredit", input, async ({ tx, now }) => {
          await useStoreCredit(deps, { tx, now, actor: ctx.actor }, input);
          return input.cartId;
        }),
      ),
    shippingMethods: shopProcedure
      .input(z.strictObject({ cartId }))
      .query(({ ctx, input }) =>
        listShippingMethods(deps, { db: deps.db, now: deps.clock.now(), actor: ctx.actor }, input.cartId),
      ),
    claim: customerProcedure
      .input(z.strictObject({ cartId }))
      .mutation(({ ctx, input }) =>
        changed(ctx, "carts.claim", input, ({ tx, now }) => claimCart({ tx, now, actor: ctx.actor }, input.cartId)),
      ),
    promotions: createPromotionsRouter(deps),
    terms: createTermsRouter(deps),
  });
}

/**
 * Runs a change in one transaction and answers the cart. With an Idempotency-Key the answer is kept with the change, so the
 * same request gets the same answer; without one the cart is read after the commit, so that nothing is held meanwhile.
 */
function changing(deps: CartsDeps) {
  return async function changed(
    ctx: ShopContext,
    name: string,
    request: unknown,
    work: (context: { readonly tx: Transaction; readonly now: Instant }) => Promise<CartId>,
  ): Promise<CartView> {
    const { actor, idempotencyKey: key } = ctx;
    const now = deps.clock.now();
    if (key === null) {
      const id = await transact(deps.db, (tx) => work({ tx, now }));
      return getCart(deps, { db: deps.db, now, actor }, id);
    }
    const scope = `${actor.kind === "customer" ? actor.customerId : "guest"}:${name}`;
    const { value } = await transact(deps.db, (tx) =>
      replayable({ tx, now, scope, key, request }, async () =>
        getCart(deps, { db: tx, now, actor }, await work({ tx, now })),
      ),
    );
    return value;
  };
}

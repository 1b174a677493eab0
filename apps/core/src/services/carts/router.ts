import { channelCodeSchema, currencySchema, idSchema, lineText, moneySchema, SKU_LENGTH_MAX } from "@stoa/kernel";
import { z } from "zod";
import { fieldPatchSchema } from "../../platform/custom-fields/index.ts";
import { customerProcedure, router, shopProcedure } from "../../platform/rpc/index.ts";
import { addItem } from "./add-item.ts";
import { LINES_PER_CART_MAX, QUANTITY_MAX } from "./cart.ts";
import { cartPatchSchema } from "./cart-patch.ts";
import { changing } from "./changing.ts";
import { claimCart, restoreMergedCart } from "./claim-cart.ts";
import type { CartsDeps } from "./context.ts";
import { createCart } from "./create-cart.ts";
import { applyGiftCard, removeCredit, useStoreCredit } from "./credits-on-cart.ts";
import { getCart } from "./get-cart.ts";
import { listShippingMethods } from "./list-shipping-methods.ts";
import { applyPromotion, removePromotion } from "./promotions-on-cart.ts";
import { createPromotionsRouter } from "./promotions-router.ts";
import { withQuotes } from "./quotes/quotes.ts";
import { setQuantity } from "./set-quantity.ts";
import { createTermsRouter } from "./terms-router.ts";
import { updateCart } from "./update-cart.ts";

const cartId = idSchema("cart");
const sku = lineText(SKU_LENGTH_MAX);
const quantity = z.int().min(1).max(QUANTITY_MAX);
const code = lineText(64);
/** Values of the shop's own fields of order lines; null takes one away. */
const customFields = fieldPatchSchema.optional();
const item = z.strictObject({ sku, quantity, customFields });

/** For edge: everything a shopper does with a cart; each procedure answers the cart as it is afterwards. For the dashboard: the terms. */
export function createCartsRouter(deps: CartsDeps) {
  const changed = changing(deps);
  return router({
    create: shopProcedure
      .input(
        z.strictObject({
          currency: currencySchema.optional(),
          items: z.array(item).max(LINES_PER_CART_MAX).optional(),
          /** Edge has it from the caller's publishable key. */
          channel: channelCodeSchema.optional(),
        }),
      )
      .mutation(({ ctx, input }) =>
        withQuotes(() => {
          const { actor, idempotencyKey } = ctx;
          return createCart(deps, { db: deps.db, now: deps.clock.now(), actor, idempotencyKey }, input);
        }),
      ),
    get: shopProcedure
      .input(z.strictObject({ cartId, explain: z.boolean().optional() }))
      .query(({ ctx, input }) =>
        withQuotes(() => getCart(deps, { db: deps.db, now: deps.clock.now(), actor: ctx.actor }, input.cartId, input)),
      ),
    update: shopProcedure.input(z.strictObject({ cartId, patch: cartPatchSchema })).mutation(({ ctx, input }) =>
      changed(ctx, "carts.update", input, async ({ tx, now }) => {
        await updateCart(deps, { tx, now, actor: ctx.actor }, input);
        return input.cartId;
      }),
    ),
    addItem: shopProcedure.input(z.strictObject({ cartId, ...item.shape })).mutation(({ ctx, input }) =>
      changed(ctx, "carts.addItem", input, async ({ deps, ...change }) => {
        await addItem(deps, { ...change, actor: ctx.actor }, { cartId: input.cartId, items: [input] });
        return input.cartId;
      }),
    ),
    setQuantity: shopProcedure
      .input(z.strictObject({ cartId, sku, quantity: z.int().min(0).max(QUANTITY_MAX), customFields }))
      .mutation(({ ctx, input }) =>
        changed(ctx, "carts.setQuantity", input, async ({ deps, ...change }) => {
          await setQuantity(deps, { ...change, actor: ctx.actor }, input);
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
        withQuotes(() =>
          listShippingMethods(deps, { db: deps.db, now: deps.clock.now(), actor: ctx.actor }, input.cartId),
        ),
      ),
    claim: customerProcedure
      .input(z.strictObject({ cartId }))
      .mutation(({ ctx, input }) =>
        changed(ctx, "carts.claim", input, ({ tx, now }) => claimCart({ tx, now, actor: ctx.actor }, input.cartId)),
      ),
    restore: customerProcedure.input(z.strictObject({ cartId })).mutation(({ ctx, input }) =>
      changed(ctx, "carts.restore", input, ({ tx, now }) => {
        return restoreMergedCart({ tx, now }, { cartId: input.cartId, customerId: ctx.actor.customerId });
      }),
    ),
    promotions: createPromotionsRouter(deps),
    terms: createTermsRouter(deps),
  });
}

import { idSchema, pageQuerySchema } from "@stoa/kernel";
import { z } from "zod";
import { auditing } from "../../platform/audit/index.ts";
import { router, staffProcedure } from "../../platform/rpc/index.ts";
import type { CartsDeps } from "./context.ts";
import { previewPromotion } from "./preview-promotion.ts";
import { getPromotion, listPromotions, listPromotionUses, promotionStates } from "./promotion-queries.ts";
import { withQuotes } from "./quotes/quotes.ts";
import { changePromotion, createPromotion, promotionInputSchema, setPromotionActive } from "./save-promotion.ts";

const id = idSchema("prm");
const entity = "promotion";

/** For the dashboard: promotions, what they would do to a cart, and which orders used them. */
export function createPromotionsRouter(deps: CartsDeps) {
  const { db, clock } = deps;
  const read = staffProcedure("promotions:read");
  const write = staffProcedure("promotions:write");
  const audited = auditing(deps);
  return router({
    list: read
      .input(
        z.strictObject({
          ...pageQuerySchema.shape,
          search: z.string().max(200).optional(),
          states: z.array(z.enum(promotionStates)).max(promotionStates.length).optional(),
        }),
      )
      .query(({ input }) => listPromotions(db, { ...input, now: clock.now() })),
    get: read.input(z.strictObject({ id })).query(({ input }) => getPromotion(db, input.id)),
    uses: read
      .input(z.strictObject({ ...pageQuerySchema.shape, id }))
      .query(({ input }) => listPromotionUses(db, input)),
    preview: read
      .input(
        z.strictObject({
          cartId: idSchema("cart"),
          promotion: z.union([z.strictObject({ id }), z.strictObject({ terms: promotionInputSchema })]),
        }),
      )
      .query(({ ctx, input }) =>
        withQuotes(() => previewPromotion(deps, { db, now: clock.now(), actor: ctx.actor }, input)),
      ),
    create: write.input(promotionInputSchema).mutation(({ ctx, input }) =>
      audited(
        ctx,
        async ({ tx, now }) => {
          const answer = await getPromotion(tx, await createPromotion({ tx, now }, input));
          return { entity, action: "promotion.created", entityId: answer.id, after: answer, answer };
        },
        { name: "promotion.created", request: input },
      ),
    ),
    change: write
      .input(z.strictObject({ id, version: z.int().min(1), promotion: promotionInputSchema }))
      .mutation(({ ctx, input }) =>
        audited(ctx, async ({ tx, now }) => {
          const before = await getPromotion(tx, input.id);
          await changePromotion({ tx, now }, input);
          const answer = await getPromotion(tx, input.id);
          return { entity, action: "promotion.changed", entityId: input.id, before, after: answer, answer };
        }),
      ),
    setActive: write.input(z.strictObject({ id, isActive: z.boolean() })).mutation(({ ctx, input }) =>
      audited(ctx, async ({ tx, now }) => {
        await setPromotionActive({ tx, now }, input);
        const answer = await getPromotion(tx, input.id);
        const action = input.isActive ? "promotion.activated" : "promotion.deactivated";
        return { entity, action, entityId: input.id, after: { isActive: input.isActive }, answer };
      }),
    ),
  });
}

import { idSchema, problem } from "@stoa/kernel";
import { z } from "zod";
import type { TargetsDeps } from "../../platform/custom-fields/index.ts";
import { transact } from "../../platform/db/index.ts";
import { replayable } from "../../platform/idempotency/index.ts";
import { router, shopProcedure } from "../../platform/rpc/index.ts";
import type { OrdersDeps } from "./deps.ts";
import { checkWish } from "./exchanges/check-wish.ts";
import { cancelReturn } from "./move-return.ts";
import { requestReturn } from "./request-return.ts";
import { readReturn, returnsOfOrder } from "./return-queries.ts";
import { createReturnsDeskRouter, wantedReturnSchema } from "./returns-desk-router.ts";

const orderId = idSchema("ord");
const returnId = idSchema("ret");
const accessToken = z.string().min(1).max(200).optional();

/** Goods that come back: what shoppers may ask for, and what staff decide. */
export function createReturnsRouter(deps: OrdersDeps & TargetsDeps) {
  return router({
    request: shopProcedure.input(wantedReturnSchema.extend({ accessToken })).mutation(async ({ ctx, input }) => {
      const { actor, idempotencyKey: key } = ctx;
      const now = deps.clock.now();
      const scope = `${actor.kind === "customer" ? actor.customerId : "guest"}:returns.request:${input.orderId}`;
      const { value: id } = await transact(deps.db, (tx) =>
        replayable({ tx, now, scope, key, request: input }, async () => {
          const made = await requestReturn({ tx, now, actor }, input);
          await checkWish(deps, { tx, now }, input);
          return made;
        }),
      );
      return readReturn(deps.db, id);
    }),
    ofOrder: shopProcedure
      .input(z.strictObject({ orderId, accessToken }))
      .query(async ({ ctx, input }) => ({ items: await returnsOfOrder(deps.db, { ...input, actor: ctx.actor }) })),
    get: shopProcedure.input(z.strictObject({ orderId, returnId, accessToken })).query(async ({ ctx, input }) => {
      const own = await returnsOfOrder(deps.db, { ...input, actor: ctx.actor });
      const found = own.find(({ id }) => id === input.returnId);
      if (!found) throw problem("not_found");
      return found;
    }),
    cancel: shopProcedure
      .input(z.strictObject({ orderId, returnId, accessToken }))
      .mutation(async ({ ctx: { actor }, input }) => {
        await transact(deps.db, (tx) => cancelReturn({ tx, now: deps.clock.now(), actor }, input));
        return readReturn(deps.db, input.returnId);
      }),
    staff: createReturnsDeskRouter(deps),
  });
}

import { idSchema } from "@stoa/kernel";
import { z } from "zod";
import { recordAudit } from "../../platform/audit/index.ts";
import { fieldPatchSchema } from "../../platform/custom-fields/index.ts";
import { transact } from "../../platform/db/index.ts";
import { router, staffProcedure } from "../../platform/rpc/index.ts";
import type { OrdersDeps } from "./deps.ts";
import { orderFieldsOf, saveOrderFields } from "./order-fields.ts";

const orderId = idSchema("ord");

/** For the dashboard: what the shop's own fields say of an order. */
export function createOrderFieldsRouter(deps: Pick<OrdersDeps, "db" | "clock">) {
  return router({
    get: staffProcedure("orders:read")
      .input(z.strictObject({ orderId }))
      .query(({ input }) => orderFieldsOf(deps.db, input.orderId)),
    save: staffProcedure("orders:write")
      .input(z.strictObject({ orderId, values: fieldPatchSchema }))
      .mutation(({ ctx: { actor, requestId }, input }) => {
        const now = deps.clock.now();
        return transact(deps.db, async (tx) => {
          const saved = await saveOrderFields({ tx, now, actor }, input);
          const entry = { action: "order.fields_saved", entity: "order", entityId: input.orderId };
          // The chain cannot be erased, so it names the fields and not what a person says in them.
          await recordAudit(tx, { ...entry, at: now, actor, requestId, after: { keys: Object.keys(input.values) } });
          return saved;
        });
      }),
  });
}

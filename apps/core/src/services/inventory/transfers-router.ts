import { idSchema, pageQuerySchema, SKU_LENGTH_MAX } from "@stoa/kernel";
import { z } from "zod";
import { router, staffProcedure } from "../../platform/rpc/index.ts";
import { cancelTransfer } from "./cancel-transfer.ts";
import { listTransfers, readTransfer } from "./list-transfers.ts";
import { receiveTransfer } from "./receive-transfer.ts";
import { sendTransfer } from "./send-transfer.ts";
import { type InventoryRouterDeps, refuseKits, writing } from "./staff-write.ts";
import { STOCK_LINES_MAX, STOCK_UNITS_MAX, transferStates } from "./stock.ts";

const id = idSchema("trf");
const locationId = idSchema("loc");
const sku = z.string().trim().min(1).max(SKU_LENGTH_MAX);
const reason = z.string().trim().min(1).max(500);
const units = z.int().min(0).max(STOCK_UNITS_MAX);

const sending = z.strictObject({
  fromLocationId: locationId,
  toLocationId: locationId,
  lines: z
    .array(z.strictObject({ sku, quantity: z.int().min(1).max(STOCK_UNITS_MAX) }))
    .min(1)
    .max(STOCK_LINES_MAX),
  reference: z.string().trim().min(1).max(200).nullable().default(null),
  reason: reason.nullable().default(null),
});
const receiving = z.strictObject({
  id,
  lines: z
    .array(
      z
        .strictObject({ sku, received: units, lost: units.default(0) })
        .refine((line) => line.received + line.lost > 0, { message: "nothing came in and nothing was lost" }),
    )
    .min(1)
    .max(STOCK_LINES_MAX)
    .refine((lines) => new Set(lines.map((line) => line.sku)).size === lines.length, { message: "a SKU stands twice" }),
  reason: reason.nullable().default(null),
});

/** For the dashboard: units that are sent from one location to another and received there, in parts or not at all. */
export function createTransfersRouter(deps: InventoryRouterDeps) {
  const { db } = deps;
  const write = writing(deps);
  const canRead = staffProcedure("inventory:read");
  const canWrite = staffProcedure("inventory:write");
  return router({
    list: canRead
      .input(
        z.strictObject({
          ...pageQuerySchema.shape,
          states: z.array(z.enum(transferStates)).max(transferStates.length).optional(),
        }),
      )
      .query(({ input }) => listTransfers(db, input)),
    get: canRead.input(z.strictObject({ id })).query(({ input }) => readTransfer(db, input.id)),
    send: canWrite.input(sending).mutation(({ ctx, input }) =>
      write(
        ctx,
        async ({ tx, now }) => {
          await refuseKits(
            deps,
            input.lines.map((line) => line.sku),
          );
          const transferId = await sendTransfer({ tx, now }, { ...input, actor: ctx.actor });
          const answer = await readTransfer(tx, transferId);
          return { action: "transfer.sent", entity: "transfer", entityId: transferId, after: input, answer };
        },
        { name: "transfer.sent", request: input },
      ),
    ),
    receive: canWrite.input(receiving).mutation(({ ctx, input }) =>
      write(
        ctx,
        async ({ tx, now, cause }) => {
          await receiveTransfer({ tx, now }, { ...input, cause, actor: ctx.actor });
          const answer = await readTransfer(tx, input.id);
          return { action: "transfer.received", entity: "transfer", entityId: input.id, after: input, answer };
        },
        { name: "transfer.received", request: input },
      ),
    ),
    cancel: canWrite.input(z.strictObject({ id, reason })).mutation(({ ctx, input }) =>
      write(ctx, async ({ tx, now }) => {
        await cancelTransfer({ tx, now }, { ...input, actor: ctx.actor });
        const answer = await readTransfer(tx, input.id);
        return { action: "transfer.cancelled", entity: "transfer", entityId: input.id, after: input, answer };
      }),
    ),
  });
}

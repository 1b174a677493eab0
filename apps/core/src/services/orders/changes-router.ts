import { idSchema, money, type OrderChangeId, toTimestamp } from "@stoa/kernel";
import { desc, eq } from "drizzle-orm";
import { z } from "zod";
import { type Database, transact } from "../../platform/db/index.ts";
import { router, staffProcedure } from "../../platform/rpc/index.ts";
import { type CommittedChange, commitChange, previewChange } from "./change-order.ts";
import type { OrdersDeps } from "./deps.ts";
import { cancelChange } from "./end-change.ts";
import { changeContentSchema } from "./order-change.ts";
import { acceptManually } from "./pay-change.ts";
import { paymentLinkToken } from "./payment-request.ts";
import { type StaffContext, staffWrite } from "./staff-write.ts";
import { orderChange } from "./tables.ts";

const DAY_SECONDS = 86_400;
const LINK_DAYS = 7;
const LINK_DAYS_MAX = 30;
const LISTED_MAX = 100;

const orderId = idSchema("ord");
const one = z.strictObject({ id: idSchema("chg") });
const preview = z.strictObject({ orderId, content: changeContentSchema });
const committed = preview.extend({
  version: z.int().min(1),
  reason: z.string().trim().min(1).max(200),
  expiresInSeconds: z
    .int()
    .min(60)
    .max(LINK_DAYS_MAX * DAY_SECONDS)
    .default(LINK_DAYS * DAY_SECONDS),
});

/** For the dashboard: edits of orders after they were placed. */
export function createChangesRouter(deps: OrdersDeps) {
  const canWrite = staffProcedure("orders:write");
  return router({
    ofOrder: staffProcedure("orders:read")
      .input(z.strictObject({ orderId }))
      .query(({ input }) => changesOfOrder(deps.db, input.orderId)),
    /** What it would cost; nothing is changed. */
    preview: canWrite
      .input(preview)
      .query(({ ctx, input }) => transact(deps.db, (tx) => previewChange(deps, { tx, actor: ctx.actor }, input))),
    /** The one answer that holds the link's token. */
    commit: canWrite.input(committed).mutation(({ ctx, input }) => commit(deps, ctx, input)),
    /** The difference will be paid, or has been, outside of the shop: the edit takes effect, and the money is captured like any manual payment. */
    acceptManually: canWrite.input(one).mutation(({ ctx, input }) =>
      staffWrite(deps, {
        ctx,
        input,
        action: "order.edit_accepted",
        entity: "order",
        entityId: (answer: { readonly orderId: string }) => answer.orderId,
        work: async (context) => ({ orderId: await acceptManually(deps, context, input.id) }),
      }),
    ),
    cancel: canWrite.input(one).mutation(({ ctx, input }) =>
      staffWrite(deps, {
        ctx,
        input,
        action: "order.edit_cancelled",
        entity: "order",
        entityId: (answer: { readonly orderId: string }) => answer.orderId,
        work: async (context) => ({ orderId: await cancelChange(context, input.id) }),
      }),
    ),
  });
}

type Committed = Omit<CommittedChange, "requestId" | "changeId"> & { readonly id: OrderChangeId };

async function commit(deps: OrdersDeps, ctx: StaffContext, input: z.infer<typeof committed>): Promise<Committed> {
  const { orderId: entityId } = input;
  const { requestId, changeId, ...answer } = await staffWrite(deps, {
    ...{ ctx, input, action: "order.edited", entity: "order", entityId },
    // Answers are kept for whoever asks again, and whoever holds a token may pay: it is made anew.
    work: async (context) => {
      const { token: _, ...kept } = await commitChange(deps, context, input);
      return kept;
    },
  });
  return { id: changeId, ...answer, token: requestId === null ? null : paymentLinkToken(deps, requestId) };
}

async function changesOfOrder(db: Database, id: z.infer<typeof orderId>) {
  const rows = await db
    .select()
    .from(orderChange)
    .where(eq(orderChange.orderId, id))
    .orderBy(desc(orderChange.createdAt))
    .limit(LISTED_MAX);
  const items = rows.map((row) => ({
    ...{ id: row.id, state: row.state, removed: row.removed, added: row.added, reason: row.reason },
    difference: money(row.difference, row.currency),
    expiresAt: row.expiresAt === null ? null : toTimestamp(row.expiresAt),
    createdAt: toTimestamp(row.createdAt),
  }));
  return { items };
}

import { idSchema } from "@stoa/kernel";
import { z } from "zod";
import { router, staffProcedure } from "../../platform/rpc/index.ts";
import type { OrdersDeps } from "./deps.ts";
import { addNote, listNotes, NOTE_LENGTH_MAX } from "./notes.ts";
import { type MailsOfOrder, staffTimeline } from "./staff-timeline.ts";

export interface NotesRouterDeps extends Pick<OrdersDeps, "db" | "clock"> {
  readonly mailsOfOrder: MailsOfOrder;
}

const orderId = idSchema("ord");

/** For the dashboard: what staff write about an order, and all that happened to it. */
export function createNotesRouter(deps: NotesRouterDeps) {
  return router({
    add: staffProcedure("orders:write")
      .input(z.strictObject({ orderId, text: z.string().trim().min(1).max(NOTE_LENGTH_MAX) }))
      .mutation(({ ctx: { actor, requestId, idempotencyKey }, input }) =>
        addNote(deps, { ...input, actor, requestId, idempotencyKey }),
      ),
    list: staffProcedure("orders:read")
      .input(z.strictObject({ orderId }))
      .query(async ({ input }) => ({ items: await listNotes(deps.db, input.orderId) })),
    timeline: staffProcedure("orders:read")
      .input(z.strictObject({ orderId }))
      .query(async ({ input }) => ({ items: await staffTimeline(deps, input.orderId) })),
  });
}

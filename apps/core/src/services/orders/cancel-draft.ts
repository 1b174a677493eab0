import type { Instant } from "@stoa/kernel";
import { eq, sql } from "drizzle-orm";
import { transact } from "../../platform/db/index.ts";
import { withQuotes } from "../carts/index.ts";
import { auditDraft, type StaffRequest } from "./compose-draft.ts";
import type { ActContext, OrdersDeps } from "./deps.ts";
import { holdForDraft, letGoOfHold } from "./draft-stock.ts";
import { unbindReturn } from "./exchanges/return-value.ts";
import { type DraftAtVersion, type DraftRow, lockOpenDraft } from "./find-draft.ts";
import { holdOrder } from "./lock-order.ts";
import { revokeRequests } from "./payment-request.ts";
import { orderOfReturn } from "./return-record.ts";
import { draft } from "./tables.ts";
import { noteInTimeline, touchOrder } from "./timeline.ts";

/** Ends a draft: its link is worthless, its units are free. @throws problem as `lockOpenDraft`. */
export async function cancelDraft(deps: OrdersDeps, staff: StaffRequest, input: DraftAtVersion): Promise<void> {
  const now = deps.clock.now();
  await transact(deps.db, async (tx) => {
    const row = await lockOpenDraft(tx, input);
    await endDraft({ tx, now, actor: staff.actor }, row);
    await auditDraft(tx, now, staff, { action: "draft.cancelled", draftId: row.id });
  });
}

/** The same for a draft that is locked; goods that it was to replace may be refunded again. */
export async function endDraft({ tx, now, actor }: ActContext, row: DraftRow): Promise<void> {
  // Before the return: whoever refunds that has locked its order.
  if (row.returnId !== null) await holdOrder(tx, await orderOfReturn(tx, row.returnId));
  await revokeRequests(tx, now, row.id);
  await letGoOfHold({ tx, now }, row);
  await tx
    .update(draft)
    .set({ state: "cancelled", version: sql`${draft.version} + 1`, updatedAt: now })
    .where(eq(draft.id, row.id));
  const freed = row.returnId === null ? null : await unbindReturn(tx, row.id);
  if (!freed) return;
  await touchOrder(tx, now, freed.orderId);
  await noteInTimeline(tx, now, { orderId: freed.orderId, actor, entries: [{ type: "exchange_cancelled" }] });
}

export interface HoldDraft extends DraftAtVersion {
  /** 0 lets go of the units. */
  readonly seconds: number;
}

/**
 * Keeps a draft's units from others for a while, though nobody has paid; again for another while.
 * @throws problem `out_of_stock`, and as `lockOpenDraft`.
 */
export async function holdDraft(deps: OrdersDeps, staff: StaffRequest, input: HoldDraft): Promise<void> {
  const now = deps.clock.now();
  const until = input.seconds === 0 ? null : ((now + input.seconds * 1_000) as Instant);
  await withQuotes(() =>
    transact(deps.db, async (tx) => {
      const row = await lockOpenDraft(tx, input);
      if (until !== null) await holdForDraft(deps, { tx, now }, row, until);
      else await letGoOfHold({ tx, now }, row);
      const after = { reservedUntil: until };
      await auditDraft(tx, now, staff, { action: "draft.held", draftId: row.id, after });
    }),
  );
}

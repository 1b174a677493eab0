import { problem, type ReturnId } from "@stoa/kernel";
import { eq } from "drizzle-orm";
import { endDraft } from "../cancel-draft.ts";
import type { ActContext } from "../deps.ts";
import { lockOpenDraft } from "../find-draft.ts";
import { orderReturn } from "../tables.ts";

/**
 * Nothing is exchanged after all: the link is worthless, the units are free, and the return may be refunded.
 * @throws problem `not_found`, `request_in_progress` while it is being paid, `state_conflict` when it has been, or nothing is exchanged.
 */
export async function cancelExchange(
  context: ActContext,
  { returnId }: { readonly returnId: ReturnId },
): Promise<void> {
  const [row] = await context.tx.select().from(orderReturn).where(eq(orderReturn.id, returnId));
  if (!row) throw problem("not_found");
  if (row.exchangeDraftId === null) throw problem("state_conflict", { detail: "This return is not being exchanged." });
  await endDraft(context, await lockOpenDraft(context.tx, { draftId: row.exchangeDraftId }));
}

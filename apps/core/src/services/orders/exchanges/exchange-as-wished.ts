import { Problem, type ReturnId } from "@stoa/kernel";
import { eq } from "drizzle-orm";
import type { ActContext, OrdersDeps } from "../deps.ts";
import { orderReturn } from "../tables.ts";
import { noteInTimeline } from "../timeline.ts";
import { exchangeReturn } from "./exchange-return.ts";

const LINK_SECONDS = 7 * 86_400;

/**
 * The goods have come, and their shopper has asked for others: they are exchanged in the same transaction. Should that not be possible,
 * the goods have come all the same, the timeline says why, and staff decide.
 */
export async function exchangeAsWished(
  deps: OrdersDeps,
  context: ActContext,
  { returnId }: { readonly returnId: ReturnId },
): Promise<void> {
  const { tx, now, actor } = context;
  const [row] = await tx.select().from(orderReturn).where(eq(orderReturn.id, returnId));
  if (!row || row.exchangeFor === null) return;
  try {
    await tx.transaction((inner) =>
      exchangeReturn(deps, { ...context, tx: inner }, { returnId, expiresInSeconds: LINK_SECONDS }),
    );
  } catch (error) {
    // What is to be asked for outside is asked for, and then all of this is done again.
    if (!(error instanceof Problem) || error.code === "service_unavailable") throw error;
    const entries = [{ type: "exchange_refused", detail: error.message }] as const;
    await noteInTimeline(tx, now, { orderId: row.orderId, actor, entries });
  }
}

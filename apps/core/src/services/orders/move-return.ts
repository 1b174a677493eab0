import { type OrderId, problem, type ReturnId } from "@stoa/kernel";
import { and, inArray, isNull, or } from "drizzle-orm";
import { countUnits } from "./count-units.ts";
import type { ActContext } from "./deps.ts";
import { lockOrder } from "./lock-order.ts";
import { isTokenOf, mayActOn } from "./order-token.ts";
import type { ReturnState } from "./return.ts";
import { linesOfReturn, moveReturn, noteReturn, orderOfReturn } from "./return-record.ts";
import { orderReturn } from "./tables.ts";

export interface ReturnAct {
  readonly returnId: ReturnId;
}

/** Orders whose goods can come back. */
export const returnableStates = ["confirmed", "completed"] as const;

/** The goods may come. @throws problem `not_found`, `state_conflict`. */
export async function approveReturn(context: ActContext, { returnId }: ReturnAct): Promise<void> {
  const { tx, now } = context;
  await lockOrder(tx, now, { orderId: await orderOfReturn(tx, returnId), states: returnableStates });
  const row = await moveReturn(tx, now, { id: returnId, to: "approved" });
  await noteReturn(context, { row, type: "return_approved" });
}

/** The goods may not come; the shopper reads why. @throws problem `not_found`, `state_conflict`. */
export function rejectReturn(context: ActContext, input: ReturnAct & { readonly reason: string }): Promise<void> {
  return giveUp(context, { ...input, to: "rejected" });
}

export interface CancelReturn extends ReturnAct {
  /** Whose it must be, where a shopper asks. */
  readonly orderId?: OrderId | undefined;
  /** The guest's token, in clear. */
  readonly accessToken?: string | undefined;
}

/** Nothing will come after all. @throws problem `not_found` for a stranger's return, `state_conflict` when the goods have come. */
export function cancelReturn(context: ActContext, input: CancelReturn): Promise<void> {
  return giveUp(context, { ...input, to: "cancelled" });
}

interface GiveUp extends CancelReturn {
  readonly to: Extract<ReturnState, "rejected" | "cancelled">;
  readonly reason?: string;
}

/** The units are the shopper's again, who may ask once more. */
async function giveUp(
  context: ActContext,
  { returnId, to, reason, orderId: named, accessToken }: GiveUp,
): Promise<void> {
  const { tx, now, actor } = context;
  const orderId = await orderOfReturn(tx, returnId);
  const { order, lines } = await lockOrder(tx, now, { orderId, states: returnableStates });
  const isTheirs = mayActOn(order, actor) || isTokenOf(order, accessToken);
  if (!isTheirs || (named !== undefined && named !== orderId)) throw problem("not_found");
  const row = await moveReturn(tx, now, { id: returnId, to, ...(reason !== undefined && { rejection: reason }) });
  const units = await linesOfReturn(tx, returnId, lines);
  await countUnits(
    tx,
    orderId,
    units.map(({ line: { position }, quantity }) => ({ position, returnRequested: -quantity })),
  );
  await noteReturn(context, {
    row,
    type: to === "rejected" ? "return_rejected" : "return_cancelled",
    detail: reason ?? null,
  });
}

/** Neither a refund nor an exchange is on its way. */
export const isIdle = and(
  isNull(orderReturn.refundAmount),
  isNull(orderReturn.replacementId),
  isNull(orderReturn.exchangeDraftId),
);

/** Nothing more will follow: after a refund or an exchange, or without either. @throws problem `not_found`, `state_conflict`. */
export async function closeReturn(context: ActContext, { returnId }: ReturnAct): Promise<void> {
  const { tx, now } = context;
  await lockOrder(tx, now, { orderId: await orderOfReturn(tx, returnId), states: returnableStates });
  const row = await moveReturn(tx, now, {
    id: returnId,
    to: "closed",
    where: or(inArray(orderReturn.state, ["refunded", "exchanged"]), isIdle),
    otherwise: "The return's refund or exchange has begun; it can be closed when that is done.",
  });
  await noteReturn(context, { row, type: "return_closed" });
}

import { newId, problem } from "@stoa/kernel";
import { and, eq, sql } from "drizzle-orm";
import { readFields, withDefaults } from "../../platform/custom-fields/index.ts";
import type { Transaction } from "../../platform/db/index.ts";
import { startSaga } from "../../platform/saga/index.ts";
import { extendReservation } from "../inventory/index.ts";
import type { PaymentRequest } from "../payments/index.ts";
import { countUnits } from "./count-units.ts";
import type { ActContext } from "./deps.ts";
import { EDIT_ORDER_SAGA, type EditOrder } from "./edit-order.saga.ts";
import { endOf } from "./fulfilment.ts";
import { type LockedOrder, linesOf, lockOrder } from "./lock-order.ts";
import { orderRevalued } from "./messages.ts";
import { moveOrder } from "./move-order.ts";
import { type AddedLine, amountsAfter, type ChangeMoney, changeMoney } from "./order-change.ts";
import { reserveUnits } from "./stock-units.ts";
import { order, orderChange, orderLine } from "./tables.ts";
import { checkoutActor, noteInTimeline } from "./timeline.ts";
import { describeUnits } from "./units.ts";

export type OrderChangeRow = typeof orderChange.$inferSelect;
type Line = LockedOrder["lines"][number];

/**
 * An edit takes effect: counters, lines, amounts and timeline in this transaction; stock, and money that goes back, follow in a saga.
 * @throws problem `state_conflict` when the order has changed so that the edit would cost something else, or would leave nothing.
 */
export async function applyChange(context: ActContext, change: OrderChangeRow, locked: LockedOrder): Promise<void> {
  const { tx, now, actor } = context;
  const { orderId, currency, added } = change;
  const moved = changeMoney(locked.lines, change, currency);
  if (moved.difference !== change.difference) {
    throw problem("state_conflict", { detail: "The order has changed since." });
  }
  refuseEmpty(locked.lines, moved, added);
  const counts = moved.removed.map(({ line: { position }, quantity, setOff }) => {
    return { position, cancelled: quantity, setOff };
  });
  await countUnits(tx, orderId, counts);
  const firstPosition = locked.lines.reduce((last, line) => Math.max(last, line.position), -1) + 1;
  await putIn(tx, locked, { added, firstPosition, setOff: moved.setOff });
  const applied = await tx
    .update(orderChange)
    .set({ state: "applied", firstPosition, updatedAt: now })
    .where(and(eq(orderChange.id, change.id), eq(orderChange.state, "awaiting_payment")))
    .returning({ id: orderChange.id });
  if (applied.length === 0) throw problem("state_conflict", { detail: "This edit is over." });
  const isEnd = endOf(await linesOf(tx, orderId)) === "completed";
  if (isEnd) await moveOrder(tx, now, { orderId, to: "completed" });
  const end = isEnd ? [{ type: "completed" } as const] : [];
  await noteInTimeline(tx, now, {
    orderId,
    actor,
    entries: [{ type: "changed", detail: wordsFor(change, moved) }, ...end],
    announce: [orderRevalued.of(orderId, { orderId })],
  });
  const saga = { saga: EDIT_ORDER_SAGA, key: `${orderId}/${change.id}`, input: sagaInput(change, moved) };
  await startSaga(tx, now, saga);
}

/**
 * What an edit costs more has been paid. Called with the payment, in one transaction: what is thrown here lets the money go again.
 * Answers false when the request was for something else.
 * @throws problem `state_conflict`, `out_of_stock`.
 */
export async function applyPaidChange(
  context: Pick<ActContext, "tx" | "now">,
  { requestId, orderId }: PaymentRequest,
): Promise<boolean> {
  const { tx, now } = context;
  const [known] = await tx.select().from(orderChange).where(eq(orderChange.requestId, requestId));
  if (!known) return false;
  const locked = await lockOrder(tx, now, { orderId, states: ["confirmed"] });
  const [change] = await tx.select().from(orderChange).where(eq(orderChange.id, known.id)).for("update");
  if (change?.state !== "awaiting_payment") throw problem("state_conflict", { detail: "This edit is over." });
  await keepHold(context, change);
  await applyChange({ ...context, actor: checkoutActor }, change, locked);
  return true;
}

const APPLYING_MS = 7 * 24 * 60 * 60 * 1_000;

/** The units stay held until the saga has made them the order's; should they have been let go of, they are taken again. */
async function keepHold({ tx, now }: Pick<ActContext, "tx" | "now">, { holder, added }: OrderChangeRow): Promise<void> {
  if (added.length === 0) return;
  const until = (now + APPLYING_MS) as typeof now;
  const { held } = await extendReservation({ tx, now }, { holder, until });
  if (!held) await reserveUnits({ tx, now }, { holder, lines: added, expiresAt: until });
}

function refuseEmpty(lines: readonly Line[], { removed }: ChangeMoney<Line>, added: readonly AddedLine[]): void {
  const out = new Map(removed.map(({ line, quantity }) => [line, quantity]));
  const isEmpty = lines.every((line) => line.cancelled + (out.get(line) ?? 0) === line.quantity);
  if (isEmpty && added.length === 0) {
    throw problem("state_conflict", { detail: "Nothing would be left: cancel the order instead." });
  }
}

interface PutIn {
  readonly added: readonly AddedLine[];
  readonly firstPosition: number;
  readonly setOff: number;
}

async function putIn(
  tx: Transaction,
  { order: row }: LockedOrder,
  { added, firstPosition, setOff }: PutIn,
): Promise<void> {
  const taxes = added.flatMap((line, place) => line.taxes.map((tax) => ({ ...tax, position: firstPosition + place })));
  await tx
    .update(order)
    .set({ ...amountsAfter(row, added, setOff), taxes: sql`${order.taxes} || ${JSON.stringify(taxes)}::jsonb` })
    .where(eq(order.id, row.id));
  if (added.length === 0) return;
  const customFields = withDefaults(await readFields(tx, "order_line"), {});
  await tx.insert(orderLine).values(
    added.map(({ taxes: _taxes, trackInventory: _tracked, allowBackorder: _ahead, ...line }, place) => ({
      orderId: row.id,
      position: firstPosition + place,
      ...line,
      customFields,
    })),
  );
}

function wordsFor({ added, reason }: OrderChangeRow, { removed }: ChangeMoney<Line>): string {
  const out = removed.length > 0 ? [`out: ${describeUnits(removed)}`] : [];
  const put = added.map((line) => ({ line, quantity: line.quantity }));
  return `${[...out, ...(put.length > 0 ? [`in: ${describeUnits(put)}`] : [])].join("; ")} (${reason})`;
}

/** What units that are set off were paid is not owed any more. */
function sagaInput({ id, orderId, holder, currency, added }: OrderChangeRow, moved: ChangeMoney<Line>): EditOrder {
  const lines = moved.removed.map(({ line: { position, sku }, quantity, paid, setOff }) => {
    return { position, sku, quantity, paid: paid - setOff };
  });
  return { orderId, changeId: id, cancellationId: newId("can"), holder, hasAdded: added.length > 0, currency, lines };
}

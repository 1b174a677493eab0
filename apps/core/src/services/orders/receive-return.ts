import { type Currency, type LocationId, problem } from "@stoa/kernel";
import { eq, sql } from "drizzle-orm";
import { readSetting } from "../../platform/settings/index.ts";
import { adjustStock, ensureDefaultLocation, findAllocations } from "../inventory/index.ts";
import { countUnits } from "./count-units.ts";
import type { ActContext } from "./deps.ts";
import { paidForUnits } from "./line-money.ts";
import { lockOrder, type OrderLineRow } from "./lock-order.ts";
import { type ReturnAct, returnableStates } from "./move-return.ts";
import { linesOfReturn, moveReturn, noteReturn, orderOfReturn } from "./return-record.ts";
import { returnsSetting } from "./settings.ts";
import { stockOf } from "./stock-units.ts";
import { returnLine } from "./tables.ts";
import { pickUnits } from "./units.ts";

export interface ReceivedItem {
  readonly sku: string;
  /** Units that can be sold again, and units that cannot. */
  readonly restock: number;
  readonly writeOff: number;
}

export interface ReceiveReturn extends ReturnAct {
  /** What came; what is not named did not. */
  readonly items: readonly ReceivedItem[];
  /** Where it came; left out, the first location. */
  readonly locationId?: LocationId | undefined;
}

interface ReceivedLine {
  readonly line: OrderLineRow;
  readonly restocked: number;
  readonly writtenOff: number;
  /** For these units, in minor units. */
  readonly paid: number;
}

/**
 * The goods have come: what can be sold again goes on the shelf, what cannot is written off, each a stock movement whose cause is the
 * return. Units that did not come can be asked for again.
 * @throws problem `not_found`, `sku_unknown`, or `state_conflict`: not approved, or more came than was asked for.
 */
export async function receiveReturn(context: ActContext, input: ReceiveReturn): Promise<void> {
  const { tx, now } = context;
  const { returnId, items } = input;
  const orderId = await orderOfReturn(tx, returnId);
  const { order, lines } = await lockOrder(tx, now, { orderId, states: returnableStates });
  const row = await moveReturn(tx, now, { id: returnId, to: "received" });
  const asked = await linesOfReturn(tx, returnId, lines);
  const { refundsShipping } = await readSetting(tx, returnsSetting);
  const received = sortOut(asked, items, { currency: order.currency, withShipping: refundsShipping });
  await countUnits(
    tx,
    orderId,
    received.map(({ line: { position }, restocked, writtenOff }) => {
      const quantity = asked.find((one) => one.line.position === position)?.quantity ?? 0;
      return { position, returnRequested: -quantity, returned: restocked + writtenOff, writtenOff };
    }),
  );
  for (const { line, restocked, writtenOff, paid } of received) {
    await tx
      .update(returnLine)
      .set({ restocked, writtenOff, paid })
      .where(
        sql`${returnLine.returnId} = ${sql.param(returnId, returnLine.returnId)} and ${eq(returnLine.position, line.position)}`,
      );
  }
  await putAway(context, input, received);
  await noteReturn(context, { row, type: "return_received", detail: describe(received) });
}

type Asked = Awaited<ReturnType<typeof linesOfReturn>>;

/** Which of the asked units came, and what had been paid for them; a line's units come back from its beginning, as they left. */
function sortOut(
  asked: Asked,
  items: readonly ReceivedItem[],
  terms: { readonly currency: Currency; readonly withShipping: boolean },
): ReceivedLine[] {
  const open = asked.map((one) => ({ ...one, sku: one.line.sku }));
  const of = (member: "restock" | "writeOff") =>
    items.filter((item) => item[member] > 0).map((item) => ({ sku: item.sku, quantity: item[member] }));
  const restocked = new Map(
    pickUnits(open, of("restock"), ({ quantity }) => quantity).map((one) => [one.line, one.quantity]),
  );
  const left = (one: (typeof open)[number]) => one.quantity - (restocked.get(one) ?? 0);
  const writtenOff = new Map(pickUnits(open, of("writeOff"), left).map((one) => [one.line, one.quantity]));
  const received = open.map((one) => {
    const counts = { restocked: restocked.get(one) ?? 0, writtenOff: writtenOff.get(one) ?? 0 };
    const range = { from: one.line.returned, count: counts.restocked + counts.writtenOff };
    return { line: one.line, ...counts, paid: paidForUnits(one.line, range, terms) };
  });
  if (received.some((one) => one.restocked + one.writtenOff > 0)) return received;
  throw problem("state_conflict", { detail: "Nothing came; cancel the return instead." });
}

/** Everything that came is a movement `return`; what cannot be sold leaves again as an adjustment. Only what is tracked has stock. */
async function putAway(
  context: ActContext,
  { returnId, locationId: named }: ReceiveReturn,
  received: readonly ReceivedLine[],
): Promise<void> {
  const [first] = received;
  if (!first) return;
  const { allocations } = await findAllocations(context.tx, { orderId: first.line.orderId });
  const tracked = new Set(allocations.map(({ sku }) => sku));
  const locationId = named ?? (await ensureDefaultLocation(context));
  const pieces = received.flatMap(({ line, restocked, writtenOff }) =>
    stockOf([{ line, quantity: 1 }]).map(({ sku, quantity }) => {
      return { sku, restocked: restocked * quantity, writtenOff: writtenOff * quantity };
    }),
  );
  const bySku = Map.groupBy(
    pieces.filter(({ sku }) => tracked.has(sku)),
    ({ sku }) => sku,
  );
  // In SKU order, as everybody locks stock.
  for (const [sku, own] of [...bySku].sort(([left], [right]) => (left < right ? -1 : 1))) {
    const writtenOff = own.reduce((sum, one) => sum + one.writtenOff, 0);
    const came = own.reduce((sum, one) => sum + one.restocked, writtenOff);
    const move = { sku, locationId, cause: returnId, actor: context.actor };
    if (came > 0) await adjustStock(context, { ...move, delta: came, kind: "return", reason: "returned" });
    if (writtenOff > 0) {
      await adjustStock(context, { ...move, delta: -writtenOff, kind: "adjustment", reason: "returned, written off" });
    }
  }
}

function describe(received: readonly ReceivedLine[]): string {
  return received
    .flatMap(({ line: { sku }, restocked, writtenOff }) => [
      ...(restocked > 0 ? [`${restocked} × ${sku}`] : []),
      ...(writtenOff > 0 ? [`${writtenOff} × ${sku} written off`] : []),
    ])
    .join(", ");
}

import { type Instant, newId, type OrderId, problem, type ReturnId } from "@stoa/kernel";
import { and, eq, inArray, sql } from "drizzle-orm";
import type { FieldPatch, FieldValues, TargetsDeps } from "../../platform/custom-fields/index.ts";
import type { Transaction } from "../../platform/db/index.ts";
import { readSetting } from "../../platform/settings/index.ts";
import { countUnits } from "./count-units.ts";
import type { ActContext } from "./deps.ts";
import type { ExchangeWish } from "./exchanges/exchange.ts";
import { returnableUnits } from "./fulfilment.ts";
import { lockOrder, type OrderLineRow } from "./lock-order.ts";
import { isTokenOf, mayActOn } from "./order-token.ts";
import { type ArrivedParcel, isInWindow } from "./return.ts";
import { newReturnFields } from "./return-fields.ts";
import { noteReturn } from "./return-record.ts";
import { returnsSetting } from "./settings.ts";
import { fulfilment, fulfilmentLine, orderReturn, returnLine } from "./tables.ts";
import { describeUnits, type Item, type LineUnit, pickUnits } from "./units.ts";

export interface ReturnItem extends Item {
  /** Why, in the shopper's words. */
  readonly reason: string;
}

export interface RequestReturn {
  readonly orderId: OrderId;
  readonly items: readonly ReturnItem[];
  /** Goods that the shopper would rather have than the money. */
  readonly exchangeFor?: ExchangeWish | undefined;
  /** Values of the shop's own fields of returns. */
  readonly customFields?: FieldPatch | undefined;
  /** Of staff, whose values may lead somewhere; shoppers lead nowhere. */
  readonly byStaff?: TargetsDeps;
  /** The guest's token, in clear. */
  readonly accessToken?: string | undefined;
}

/** Of one order; a shopper has no more to say than this. */
const RETURNS_PER_ORDER_MAX = 100;

/**
 * Asks to send units back that have been shipped and that no other return is open for. Shoppers may within the shop's window, staff at
 * any time.
 * @throws problem `not_found` for a stranger's order, `sku_unknown`, or `state_conflict`: fewer units can be sent back, or the time is over; `validation_failed`.
 */
export async function requestReturn(context: ActContext, input: RequestReturn): Promise<ReturnId> {
  const { tx, now, actor } = context;
  const { orderId, items, exchangeFor = null, accessToken, customFields: patch = {} } = input;
  const { order, lines } = await lockOrder(tx, now, { orderId, states: ["confirmed", "completed"] });
  if (!(mayActOn(order, actor) || isTokenOf(order, accessToken))) throw problem("not_found");
  const wanted = pickItems(lines, items);
  if (actor.kind !== "staff") await checkWindow(tx, now, orderId, wanted);
  await countUnits(
    tx,
    orderId,
    wanted.map(({ line: { position }, quantity }) => ({ position, returnRequested: quantity })),
  );
  const customFields = await newReturnFields(tx, input.byStaff ?? "shopper", patch);
  const id = await writeReturn(tx, now, { orderId, exchangeFor, customFields }, wanted);
  const row = { id, orderId, state: "requested" } as const;
  await noteReturn(context, { row, type: "return_requested", detail: describeUnits(wanted) });
  return id;
}

type WantedUnit = LineUnit<OrderLineRow> & { readonly reason: string };

/** One entry a line, with every reason that was given for its units. */
function pickItems(lines: readonly OrderLineRow[], items: readonly ReturnItem[]): WantedUnit[] {
  const reasons = Map.groupBy(items, (item) => item.sku);
  return pickUnits(lines, items, returnableUnits).map(({ line, quantity }) => {
    const given = new Set((reasons.get(line.sku) ?? []).map((item) => item.reason));
    return { line, quantity, reason: [...given].join("; ") };
  });
}

async function checkWindow(
  tx: Transaction,
  now: Instant,
  orderId: OrderId,
  wanted: readonly WantedUnit[],
): Promise<void> {
  const { windowDays } = await readSetting(tx, returnsSetting);
  const parcels = await parcelsOf(tx, orderId);
  for (const { line } of wanted) {
    if (isInWindow(parcels.get(line.position) ?? [], windowDays, now)) continue;
    throw problem("state_conflict", { detail: `${line.sku}: the ${windowDays} days for sending it back are over.` });
  }
}

/** The parcels in which each line's units came, by position. */
async function parcelsOf(tx: Transaction, orderId: OrderId): Promise<Map<number, ArrivedParcel[]>> {
  const rows = await tx
    .select({
      position: fulfilmentLine.position,
      shippedAt: fulfilment.shippedAt,
      deliveredAt: fulfilment.deliveredAt,
    })
    .from(fulfilment)
    .innerJoin(fulfilmentLine, eq(fulfilmentLine.fulfilmentId, fulfilment.id))
    .where(and(eq(fulfilment.orderId, orderId), inArray(fulfilment.state, ["shipped", "delivered"])));
  const arrived = rows.flatMap(({ position, shippedAt, deliveredAt }) =>
    shippedAt === null ? [] : [{ position, shippedAt, deliveredAt }],
  );
  return Map.groupBy(arrived, ({ position }) => position);
}

interface NewReturn {
  readonly orderId: OrderId;
  readonly exchangeFor: ExchangeWish | null;
  readonly customFields: FieldValues;
}

async function writeReturn(
  tx: Transaction,
  now: Instant,
  { orderId, exchangeFor, customFields }: NewReturn,
  wanted: readonly WantedUnit[],
): Promise<ReturnId> {
  const [counted] = await tx
    .select({ count: sql<number>`count(*)::int` })
    .from(orderReturn)
    .where(eq(orderReturn.orderId, orderId));
  if ((counted?.count ?? 0) >= RETURNS_PER_ORDER_MAX) {
    throw problem("state_conflict", { detail: "This order has had as many returns as one may have." });
  }
  const id = newId("ret");
  const times = { requestedAt: now, updatedAt: now };
  await tx.insert(orderReturn).values({ id, orderId, state: "requested", exchangeFor, customFields, ...times });
  await tx
    .insert(returnLine)
    .values(
      wanted.map(({ line: { position }, quantity, reason }) => ({ returnId: id, orderId, position, quantity, reason })),
    );
  return id;
}

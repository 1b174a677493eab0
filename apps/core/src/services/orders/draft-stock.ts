import type { CartId, Instant } from "@stoa/kernel";
import { eq } from "drizzle-orm";
import type { Transaction } from "../../platform/db/index.ts";
import { previewDraft } from "../carts/index.ts";
import { lockUnits, releaseReservation, tryReserveStock } from "../inventory/index.ts";
import type { OrdersDeps } from "./deps.ts";
import { basketOf, type DraftRow } from "./find-draft.ts";
import type { PlaceOrder } from "./place-order.saga.ts";
import { reserveUnits, type Stocked, wantedStock } from "./stock-units.ts";
import { draft } from "./tables.ts";

interface StockContext {
  readonly tx: Transaction;
  readonly now: Instant;
}

/** Keeps a draft's units until then, in place of those that are kept for it. @throws problem `out_of_stock`; nothing is then kept. */
export async function holdForDraft(
  deps: OrdersDeps,
  { tx, now }: StockContext,
  row: DraftRow,
  until: Instant,
): Promise<void> {
  const { lines } = await previewDraft(deps.carts, { db: tx, now }, basketOf(row));
  await lockBoth(tx, row.cartId, lines);
  await letGoOfHold({ tx, now }, row);
  if (lines.length > 0) await reserveUnits({ tx, now }, { holder: row.cartId, lines, expiresAt: until });
  await tx.update(draft).set({ reservedUntil: until }).where(eq(draft.id, row.id));
}

/** What is let go of and what is taken next may be other SKUs; one after the other they would be locked out of their order. */
function lockBoth(tx: Transaction, holder: CartId, lines: readonly Stocked[]): Promise<void> {
  return lockUnits({ tx }, { holder, skus: wantedStock(lines).map(({ sku }) => sku) });
}

/** Units that were kept for a draft are free again. Harmless when there are none. */
export async function letGoOfHold({ tx, now }: StockContext, { id, cartId }: Pick<DraftRow, "id" | "cartId">) {
  await releaseReservation({ tx, now }, { holder: cartId });
  await tx.update(draft).set({ reservedUntil: null }).where(eq(draft.id, id));
}

type HandedOver = Pick<PlaceOrder, "cartId" | "lines">;

/** The order takes its units in this very transaction, so nobody comes in between. */
export async function handOverHold({ tx, now }: StockContext, { cartId, lines }: HandedOver): Promise<void> {
  await lockBoth(tx, cartId, lines);
  await releaseReservation({ tx, now }, { holder: cartId });
}

/** The order was refused and has let go of its units: as long as they were promised to the draft, it has them back if it can. */
export async function takeBackHold({ tx, now }: StockContext, row: DraftRow, lines: PlaceOrder["lines"]) {
  if (row.reservedUntil === null || row.reservedUntil <= now) return;
  const hold = { holder: row.cartId, lines: wantedStock(lines), expiresAt: row.reservedUntil };
  await tryReserveStock({ tx, now }, hold);
}

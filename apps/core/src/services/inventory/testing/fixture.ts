import { type CartId, type Instant, newId, type OrderId } from "@stoa/kernel";
import { sql } from "drizzle-orm";
import { type Database, type Transaction, transact } from "../../../platform/db/index.ts";
import { noTargets } from "../../../testing/index.ts";
import { saveLocation, setStockLevels } from "../index.ts";

export const at = (text: string): Instant => Date.parse(text) as Instant;
export const NOW = at("2026-11-24T10:00:00Z");
export const LATER = at("2026-11-24T10:15:00Z");

let counter = 0;

/** A SKU no other test uses. */
export function newSku(): string {
  counter += 1;
  return `sku-${counter}`;
}

export const newOrder = (): OrderId => newId("ord");
export const newCart = (): CartId => newId("cart");

/** A SKU with so many units at the first location. */
export async function stockedSku(db: Database, onHand: number, policy: { allowBackorder?: boolean } = {}) {
  const sku = newSku();
  const line = { sku, onHand, tracked: true, allowBackorder: policy.allowBackorder ?? false };
  await transact(db, (tx) => setStockLevels({ tx, now: NOW }, { lines: [line] }));
  return sku;
}

/** A location behind all others, so that it is taken from last. */
export function furtherLocation(db: Database, code: string) {
  const input = { code, name: code, kind: "store", priority: 500 } as const;
  return transact(db, (tx) => saveLocation({ tx, now: NOW, findTargets: noTargets }, input));
}

export interface LevelCounters extends Record<string, unknown> {
  readonly onHand: number;
  readonly reserved: number;
  readonly allocated: number;
}

/** A SKU's levels, first location first. */
export async function levelsOf(db: Database | Transaction, sku: string): Promise<LevelCounters[]> {
  const rows = await db.execute<LevelCounters>(sql`
    select l.on_hand as "onHand", l.reserved, l.allocated from inventory.stock_level l
    join inventory.location o on o.id = l.location_id where l.sku = ${sku} order by o.priority`);
  return rows.map(({ onHand, reserved, allocated }) => ({ onHand, reserved, allocated }));
}

/** Payloads of `stock.changed` for a SKU, in the order of their versions. */
export async function announced(db: Database, sku: string): Promise<{ available: number; version: number }[]> {
  const rows = await db.execute<{ payload: { available: number; version: number } }>(sql`
    select payload from platform.outbox where type = 'stock.changed' and key = ${sku}
    order by (payload->>'version')::int`);
  return rows.map((row) => row.payload);
}

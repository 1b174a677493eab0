import { newId, problem, toTimestamp, toUuid } from "@stoa/kernel";
import { sql } from "drizzle-orm";
import type { Actor } from "../../platform/rpc/index.ts";
import { ensureDefaultLocation, listLocations } from "./locations.ts";
import { lockItems } from "./lock-items.ts";
import { jsonRows, postMovements, type StockContext } from "./post-movements.ts";
import { setStockPolicies } from "./set-stock-policies.ts";
import { STOCK_UNITS_MAX } from "./stock.ts";

/** Lines in one call; they are written in statements of `CHUNK`. */
export const STOCK_LEVELS_MAX = 10_000;
const CHUNK = 1_000;

export interface StockLevelLine {
  readonly sku: string;
  /** The first location by priority when left out. */
  readonly locationCode?: string | undefined;
  /** Units counted there, 0 or more. */
  readonly onHand: number;
  readonly tracked?: boolean | undefined;
  readonly allowBackorder?: boolean | undefined;
}

export interface SetStockLevels {
  readonly lines: readonly StockLevelLine[];
  /** What the count is known by; the same cause counts a level once. A new one when left out. */
  readonly cause?: string;
  readonly reason?: string;
  readonly actor?: Actor;
  /** SKUs among them that are kits: their stock is that of their parts. */
  readonly kits?: ReadonlySet<string>;
}

export interface StockLevelRefusal {
  readonly sku: string;
  readonly locationCode: string | null;
  readonly reason: "location_unknown" | "below_promised" | "not_a_count" | "is_a_kit";
}

interface PlacedLine {
  readonly line: StockLevelLine;
  readonly locationId: string;
}

/**
 * Sets what was counted, thousands of levels at a time. A line that cannot be is refused alone: an unknown location, or fewer
 * units than are already promised to buyers, unless it lessens what is owed. Of several lines for one level the last one counts.
 */
export async function setStockLevels(
  context: StockContext,
  input: SetStockLevels,
): Promise<{ readonly applied: number; readonly refused: readonly StockLevelRefusal[] }> {
  if (input.lines.length > STOCK_LEVELS_MAX) throw problem("payload_too_large");
  const { placed, refused } = await placeLines(context, input);
  const cause = input.cause ?? newId("msg");
  let applied = 0;
  for (let start = 0; start < placed.length; start += CHUNK) {
    const chunk = placed.slice(start, start + CHUNK);
    await openLevels(context, chunk);
    const short = await countLevels(context, chunk, { ...input, cause });
    applied += chunk.length - short.length;
    refused.push(...short);
  }
  return { applied, refused };
}

async function placeLines(context: StockContext, { lines, kits }: SetStockLevels) {
  const first = await ensureDefaultLocation(context);
  const byCode = new Map((await listLocations({ db: context.tx })).map((place) => [place.code, place.id]));
  const placed = new Map<string, PlacedLine>();
  const refused: StockLevelRefusal[] = [];
  for (const line of lines) {
    const locationId = line.locationCode === undefined ? first : byCode.get(line.locationCode);
    const refusal = { sku: line.sku, locationCode: line.locationCode ?? null };
    if (kits?.has(line.sku)) refused.push({ ...refusal, reason: "is_a_kit" });
    else if (!locationId) refused.push({ ...refusal, reason: "location_unknown" });
    else if (!Number.isSafeInteger(line.onHand) || line.onHand < 0 || line.onHand > STOCK_UNITS_MAX) {
      refused.push({ ...refusal, reason: "not_a_count" });
    } else placed.set(`${line.sku}\n${locationId}`, { line, locationId: toUuid(locationId) });
  }
  const inOrder = [...placed.values()].sort((left, right) => (left.line.sku < right.line.sku ? -1 : 1));
  return { placed: inOrder, refused };
}

/** Makes sure that each SKU and level has its row. */
async function openLevels(context: StockContext, chunk: readonly PlacedLine[]): Promise<void> {
  await lockItems(
    context,
    chunk.map(({ line }) => line.sku),
  );
  const policies = chunk.flatMap(({ line: { sku, tracked, allowBackorder } }) =>
    tracked === undefined || allowBackorder === undefined ? [] : [{ sku, tracked, allowBackorder }],
  );
  if (policies.length > 0) await setStockPolicies(context, [...new Map(policies.map((p) => [p.sku, p])).values()]);
  const rows = jsonRows(chunk.map(({ line, locationId }) => ({ sku: line.sku, locationId })));
  const wanted = sql`jsonb_to_recordset(${rows}) as w(sku text, "locationId" uuid)`;
  await context.tx.execute(sql`
    insert into inventory.stock_item (sku) select distinct w.sku from ${wanted} order by w.sku
    on conflict (sku) do nothing`);
  await context.tx.execute(sql`
    insert into inventory.stock_level (sku, location_id, allow_backorder, updated_at)
    select w.sku, w."locationId", i.allow_backorder, ${toTimestamp(context.now)}::timestamptz
    from ${wanted} join inventory.stock_item i on i.sku = w.sku
    where not exists (select from inventory.stock_level l where l.sku = w.sku and l.location_id = w."locationId")
    order by w.sku, w."locationId"
    on conflict (sku, location_id) do nothing`);
}

async function countLevels(
  context: StockContext,
  chunk: readonly PlacedLine[],
  count: SetStockLevels & { readonly cause: string },
): Promise<StockLevelRefusal[]> {
  const rows = jsonRows(
    chunk.map(({ line, locationId }) => ({ sku: line.sku, locationId, code: line.locationCode, onHand: line.onHand })),
  );
  // `refused` carries the location in the SKU's stead: a count is refused for one level, not for the SKU as a whole.
  const { refused } = await postMovements(context, {
    kind: "count",
    skus: [...new Set(chunk.map(({ line }) => line.sku))],
    ...(count.actor && { actor: count.actor }),
    reason: count.reason ?? null,
    decide: sql`
      counted as (
        select k.sku, k.location_id, w.code, w."onHand" as wanted, k.on_hand,
          k.allow_backorder or w."onHand" - k.reserved - k.allocated - k.buffer >= 0 or w."onHand" >= k.on_hand as possible,
          k.reserved + k.allocated + k.buffer as promised
        from jsonb_to_recordset(${rows}) as w(sku text, "locationId" uuid, code text, "onHand" int)
        join locked k on k.sku = w.sku and k.location_id = w."locationId"
      ),
      refused as (
        select jsonb_build_array(sku, code)::text as sku, promised as requested, wanted as available
        from counted where not possible
      ),
      change as (
        select sku, location_id, wanted - on_hand as on_hand, 0 as reserved, 0 as allocated, ${count.cause}::text as cause
        from counted where possible and wanted <> on_hand
      )`,
  });
  return refused.map((level) => {
    const [sku, locationCode]: [string, string | null] = JSON.parse(level.sku);
    return { sku, locationCode, reason: "below_promised" };
  });
}

import { fromUuid, type Id, type Instant, toTimestamp } from "@stoa/kernel";
import { type SQL, sql } from "drizzle-orm";
import { prepared, type Transaction, type ValueOf } from "../../platform/db/index.ts";
import { enqueue } from "../../platform/outbox/index.ts";
import { type Actor, describeActor } from "../../platform/rpc/index.ts";
import { type StockChanged, stockChanged } from "./messages.ts";
import { readAvailability } from "./read-availability.ts";
import { inventorySetting } from "./settings.ts";
import type { MovementKind, Shortage } from "./stock.ts";

/** What every verb that moves stock needs. */
export interface StockContext {
  readonly tx: Transaction;
  readonly now: Instant;
}

export const stockSystem: Actor = { kind: "system", name: "inventory" };

export interface Posting {
  readonly kind: MovementKind;
  /** Every SKU that may move. Their items and levels are locked, in order, before anything is decided. */
  readonly skus: readonly string[];
  /**
   * CTEs over `locked (sku, tracked, allow_backorder, location_id, on_hand, reserved, allocated, incoming, buffer, free, place, total_free)`
   * that end in `change (sku, location_id, on_hand, reserved, allocated, cause)` and `refused (sku, requested, available)`.
   * `place` counts a SKU's locations from 1 in the order in which the shop takes from them.
   */
  readonly decide: SQL;
  /** Whether `change` has a further column, `incoming`. Default false: nothing is on its way. */
  readonly movesIncoming?: boolean | undefined;
  /** CTEs that come before the locks, each with a trailing comma; `skus` may be read from them. */
  readonly before?: SQL | undefined;
  /** Further CTEs over `moved`, each with a leading comma. */
  readonly record?: SQL | undefined;
  /** What is to be answered beside what has moved: one JSON value over all the CTEs. */
  readonly answer?: SQL | undefined;
  readonly reason?: string | null;
  readonly actor?: Actor;
}

export interface MovedLevel {
  readonly sku: string;
  readonly locationId: Id<"loc">;
  readonly onHand: number;
  readonly reserved: number;
  readonly allocated: number;
}

export interface Posted {
  readonly moved: readonly MovedLevel[];
  readonly refused: readonly Shortage[];
}

interface PostedRow extends Record<string, unknown> {
  readonly answer: unknown;
  readonly moved: readonly (Omit<MovedLevel, "locationId"> & { readonly locationId: string })[];
  readonly refused: readonly Shortage[];
  readonly changed: readonly StockChanged[];
}

/** Rows as one JSON parameter, for `jsonb_to_recordset`: the statement's text, and so its plan, stays the same for any number. */
export function jsonRows(rows: readonly unknown[]): SQL {
  return sql`${JSON.stringify(rows)}::jsonb`;
}

/**
 * Decides and moves in one statement: locks the SKUs in order, computes the changes from the locked values, appends the
 * movements, projects them onto the levels and announces each SKU of which more or fewer units can now be bought.
 * A movement whose cause has been counted before changes nothing.
 */
export async function postMovements(context: StockContext, posting: Posting): Promise<Posted> {
  const { tx, now } = context;
  const { kind, decide, movesIncoming, before, record } = posting;
  const rows = await tx.execute<PostedRow>(
    postingOf({
      kind,
      decide,
      movesIncoming,
      before,
      record,
      skus: sql`any (array(select jsonb_array_elements_text(${jsonRows(posting.skus)})))`,
      reason: sql`${posting.reason ?? null}`,
      actor: posting.actor ?? stockSystem,
      at: sql`${toTimestamp(now)}::timestamptz`,
    }),
  );
  return posted(context, rows);
}

interface Standing {
  readonly at: string;
}

/**
 * The same for what every order moves, by the system: the text is made once. `build` gets a place for each value of `V`, and `at`,
 * the hour in RFC 3339. What `answer` asks for comes as an `A`.
 */
export function preparedPosting<V, A>(
  build: (value: ValueOf<V & Standing>) => Omit<PostingParts, "movesIncoming" | keyof typeof bySystem | "at">,
): (context: StockContext, values: V) => Promise<Posted & { readonly answer: A }> {
  const post = prepared((_, value: ValueOf<V & Standing>) =>
    postingOf({ ...build(value), ...bySystem, at: sql`${value("at")}::timestamptz` }),
  );
  return async (context, values) => {
    const rows = await post(context.tx, { ...values, at: toTimestamp(context.now) });
    // What Postgres has made of the statement's own `answer`.
    return { ...(await posted(context, rows)), answer: rows[0]?.answer as A };
  };
}

const bySystem = { reason: sql`null`, actor: stockSystem };

interface PostingParts extends Pick<Posting, "kind" | "before" | "decide" | "movesIncoming" | "record" | "answer"> {
  /** `any (…)` of an array or a subquery. Postgres thinks of either as few, and looks each up by its key. */
  readonly skus: SQL;
  readonly reason: SQL;
  readonly actor: Actor;
  readonly at: SQL;
}

function postingOf(parts: PostingParts): SQL<PostedRow> {
  return sql`
    with ${parts.before ?? sql``} ${lockedLevels(parts.skus)},
    ${parts.decide},
    ${appendMovements(parts)},
    delta as (
      select sku, location_id, sum(on_hand)::int as on_hand, sum(reserved)::int as reserved, sum(allocated)::int as allocated,
        sum(incoming)::int as incoming
      from moved group by sku, location_id
    ),
    level as (
      update inventory.stock_level l
      set on_hand = l.on_hand + d.on_hand, reserved = l.reserved + d.reserved, allocated = l.allocated + d.allocated,
        incoming = l.incoming + d.incoming, updated_at = ${parts.at},
        allow_backorder = k.allow_backorder or l.allow_backorder and k.free + d.on_hand - d.reserved - d.allocated < 0
      from delta d join locked k on k.sku = d.sku and k.location_id = d.location_id
      where l.sku = d.sku and l.location_id = d.location_id
    ),
    sellable as (
      select k.sku, max(k.total_free) as before,
        sum(greatest(k.free + coalesce(d.on_hand - d.reserved - d.allocated, 0), 0)) as after
      from locked k left join delta d on d.sku = k.sku and d.location_id = k.location_id
      group by k.sku
    ),
    item as (
      update inventory.stock_item i set version = i.version + 1
      from sellable s where s.sku = i.sku and s.before <> s.after
      returning i.sku, s.after as available, i.allow_backorder, i.tracked, i.version
    )
    ${parts.record ?? sql``}
    select
      (select coalesce(jsonb_agg(jsonb_build_object('sku', sku, 'locationId', location_id, 'onHand', on_hand,
        'reserved', reserved, 'allocated', allocated)), '[]') from moved) as moved,
      (select coalesce(jsonb_agg(jsonb_build_object('sku', sku, 'requested', requested, 'available', available)
        order by sku), '[]') from refused) as refused,
      (select coalesce(jsonb_agg(jsonb_build_object('sku', sku, 'available', available, 'allowBackorder', allow_backorder,
        'tracked', tracked, 'version', version)), '[]') from item) as changed,
      ${parts.answer ?? sql`null::jsonb`} as answer
  `;
}

async function posted(context: StockContext, [row]: readonly PostedRow[]): Promise<Posted> {
  if (!row) throw new Error("a posting answers one row");
  await announceStock(context, row.changed);
  return {
    moved: row.moved.map((level) => ({ ...level, locationId: fromUuid("loc", level.locationId) })),
    refused: row.refused,
  };
}

/** Tells how each SKU stands now, whatever it was that changed. Call it with the items locked, or just written. */
export async function announcePresent({ tx, now }: StockContext, skus: readonly string[]): Promise<void> {
  if (skus.length === 0) return;
  const stock = await readAvailability({ db: tx }, skus);
  await announceStock(
    { tx, now },
    [...stock].map(([sku, availability]) => ({ sku, ...availability })),
  );
}

/** One message for each SKU. */
async function announceStock({ tx, now }: StockContext, changed: readonly StockChanged[]): Promise<void> {
  await enqueue(
    tx,
    now,
    changed.map((stock) => stockChanged.of(stock.sku, stock)),
  );
}

/**
 * `locked`: the rows as they are once nobody else can change them. FOR UPDATE reads the newest version, not the snapshot's.
 * The shop's strategy is read in the same statement, because every reservation passes here.
 */
function lockedLevels(skus: SQL): SQL {
  return sql`
    held as materialized (
      select i.sku, i.tracked, l.location_id, l.on_hand, l.reserved, l.allocated, l.incoming, l.buffer, i.allow_backorder, o.priority,
        l.on_hand - l.reserved - l.allocated - l.buffer as free
      from inventory.stock_item i
      join inventory.stock_level l on l.sku = i.sku
      join inventory.location o on o.id = l.location_id
      where i.sku = ${skus}
      order by i.sku, l.location_id
      for update of i, l
    ),
    locked as materialized (
      select held.*, row_number() over (partition by sku order by
          case (select value->>'allocation' from platform.setting where name = ${inventorySetting.name})
            when 'most_stock' then -free else 0 end,
          priority, location_id) as place,
        sum(greatest(free, 0)) over (partition by sku) as total_free
      from held
    )`;
}

function appendMovements(posting: PostingParts): SQL {
  const actor = describeActor(posting.actor);
  return sql`moved as (
    insert into inventory.stock_movement
      (sku, location_id, kind, on_hand, reserved, allocated, incoming, cause, reason, actor_kind, actor_id, actor_name, at)
    select c.sku, c.location_id, ${posting.kind}, c.on_hand, c.reserved, c.allocated,
      ${posting.movesIncoming ? sql`c.incoming` : sql`0`}, c.cause, ${posting.reason}, ${actor.kind}, ${actor.id}, ${actor.name}, ${posting.at}
    from change c join locked k on k.sku = c.sku and k.location_id = c.location_id
    order by c.sku, c.location_id
    on conflict (cause, kind, sku, location_id) do nothing
    returning sku, location_id, on_hand, reserved, allocated, incoming, cause
  )`;
}

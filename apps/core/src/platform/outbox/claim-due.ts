import { type Instant, type MessageId, toUuid } from "@stoa/kernel";
import { and, inArray, isNull, lte, or, type SQL, sql } from "drizzle-orm";
import type { Database } from "../db/index.ts";
import { outbox } from "../tables.ts";
import type { Channel } from "./message.ts";
import type { OutboxRow } from "./relay.ts";

/** What the sweep of a process leaves alone because the process has it in hand. */
export interface NotClaimed {
  readonly ids: readonly MessageId[];
  /** Lanes with so much in hand that they are named as a whole. */
  readonly lanes: readonly string[];
}

/** Rows of one lane go one batch after another: the queue is one, and each kind of projection. */
export function laneName(channel: Channel, type: string): string {
  return channel === "queue" ? channel : `${channel}/${type}`;
}

interface Claim {
  readonly now: Instant;
  /** How long nobody else may take what is claimed. */
  readonly claimMs: number;
  readonly limit: number;
  readonly except: NotClaimed;
}

/**
 * Claims rows that are due and that no process has to itself, and answers them oldest first. A claim counts as a try, so that a row that ends the process is not
 * tried for ever: whoever holds a row for long must not claim it anew.
 */
export async function claimDue(db: Database, { now, claimMs, limit, except }: Claim): Promise<OutboxRow[]> {
  const due = db
    .select({ id: outbox.id })
    .from(outbox)
    .where(
      and(
        isNull(outbox.sentAt),
        lte(outbox.availableAt, now),
        or(isNull(outbox.claimedUntil), lte(outbox.claimedUntil, now)),
        isNoneOf(except),
      ),
    )
    .orderBy(outbox.availableAt)
    .limit(limit)
    .for("update", { skipLocked: true });
  const rows = await db
    .update(outbox)
    .set({ claimedUntil: (now + claimMs) as Instant, attempts: sql`${outbox.attempts} + 1` })
    .where(inArray(outbox.id, due))
    .returning();
  // An update answers its rows in whatever order its plan comes to them.
  return rows.sort((left, right) => left.availableAt - right.availableAt || (left.id < right.id ? -1 : 1));
}

/** By lists, not by a parameter for each id: every number of them would be a statement of its own to prepare. */
function isNoneOf({ ids, lanes }: NotClaimed): SQL | undefined {
  const lane = sql`case ${outbox.channel} when 'queue' then 'queue' else ${outbox.channel} || '/' || ${outbox.type} end`;
  return and(
    sql`${outbox.id} <> all(${sql.param(ids.map(toUuid))}::uuid[])`,
    sql`${lane} <> all(${sql.param(lanes)}::text[])`,
  );
}

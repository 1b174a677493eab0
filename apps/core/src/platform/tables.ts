import { sql } from "drizzle-orm";
import {
  bigserial,
  boolean,
  check,
  index,
  integer,
  jsonb,
  pgSchema,
  primaryKey,
  text,
  uniqueIndex,
  uuid,
} from "drizzle-orm/pg-core";
import { idColumn, instantColumn } from "./db/columns.ts";

export const platform = pgSchema("platform");

/**
 * Every message on its way out, written in the transaction of the fact it tells.
 * `queue` rows are published to QStash, `projection` rows are folded into the read models by this very core.
 */
export const outbox = platform.table(
  "outbox",
  {
    id: idColumn("id", "msg").primaryKey(),
    channel: text("channel").$type<"queue" | "projection">().notNull(),
    type: text("type").notNull(),
    key: text("key").notNull(),
    payload: jsonb("payload").notNull(),
    traceparent: text("traceparent"),
    createdAt: instantColumn("created_at").notNull(),
    availableAt: instantColumn("available_at").notNull(),
    claimedUntil: instantColumn("claimed_until"),
    attempts: integer("attempts").notNull().default(0),
    lastError: text("last_error"),
    sentAt: instantColumn("sent_at"),
  },
  (table) => [
    index("outbox_waiting").on(table.availableAt).where(sql`${table.sentAt} is null`),
    index("outbox_sent").on(table.sentAt).where(sql`${table.sentAt} is not null`),
    check("outbox_channel", sql`${table.channel} in ('queue', 'projection')`),
  ],
);

/** What each consumer has already taken, recorded in the consumer's own transaction. */
export const inbox = platform.table(
  "inbox",
  {
    consumer: text("consumer").notNull(),
    messageId: text("message_id").notNull(),
    receivedAt: instantColumn("received_at").notNull(),
  },
  (table) => [primaryKey({ columns: [table.consumer, table.messageId] }), index("inbox_received").on(table.receivedAt)],
);

/** What exhausted its retries: shown to staff, replayable. */
export const deadLetter = platform.table(
  "dead_letter",
  {
    id: idColumn("id", "msg").primaryKey(),
    source: text("source").$type<"outbox" | "queue">().notNull(),
    type: text("type").notNull(),
    key: text("key").notNull(),
    payload: jsonb("payload").notNull(),
    error: text("error").notNull(),
    attempts: integer("attempts").notNull(),
    createdAt: instantColumn("created_at").notNull(),
    replayedAt: instantColumn("replayed_at"),
  },
  (table) => [index("dead_letter_open").on(table.createdAt).where(sql`${table.replayedAt} is null`)],
);

/** One answer per (scope, key): same key and same request get the same answer for 24 hours. */
export const idempotencyKey = platform.table(
  "idempotency_key",
  {
    scope: text("scope").notNull(),
    key: text("key").notNull(),
    requestHash: text("request_hash").notNull(),
    answer: jsonb("answer"),
    createdAt: instantColumn("created_at").notNull(),
    expiresAt: instantColumn("expires_at").notNull(),
  },
  (table) => [primaryKey({ columns: [table.scope, table.key] }), index("idempotency_expiry").on(table.expiresAt)],
);

export const sagaStates = ["running", "waiting", "unwinding", "done", "unwound", "stuck"] as const;
export type SagaState = (typeof sagaStates)[number];

/** One row per running plan. `fence` grows with every lease; a write under an old fence is refused. */
export const saga = platform.table(
  "saga",
  {
    id: idColumn("id", "saga").primaryKey(),
    type: text("type").notNull(),
    key: text("key").notNull(),
    state: text("state").$type<SagaState>().notNull(),
    input: jsonb("input").notNull(),
    /** The refusal or error that made it unwind, or why it is stuck. */
    failure: jsonb("failure"),
    /** Set from outside to make it unwind; refused once the pivot has been passed. */
    abort: jsonb("abort"),
    isPastPivot: boolean("is_past_pivot").notNull().default(false),
    /** Consecutive failures of the present step. */
    attempts: integer("attempts").notNull().default(0),
    fence: integer("fence").notNull().default(0),
    /** Grows with every wake-up from outside, so that one which comes while a run is under way is not lost. */
    wakes: integer("wakes").notNull().default(0),
    leaseUntil: instantColumn("lease_until"),
    /** When the sweeper wakes it at the latest. Null only in an end state or when stuck. */
    wakeAt: instantColumn("wake_at"),
    deadlineAt: instantColumn("deadline_at"),
    createdAt: instantColumn("created_at").notNull(),
    updatedAt: instantColumn("updated_at").notNull(),
  },
  (table) => [
    uniqueIndex("saga_one_per_key").on(table.type, table.key),
    index("saga_of_key").on(table.key.op("text_pattern_ops")),
    index("saga_wake").on(table.wakeAt).where(sql`${table.wakeAt} is not null`),
    index("saga_stuck").on(table.updatedAt).where(sql`${table.state} = 'stuck'`),
    check("saga_state", sql`${table.state} in ('running', 'waiting', 'unwinding', 'done', 'unwound', 'stuck')`),
    check("saga_wakes", sql`${table.wakeAt} is not null or ${table.state} in ('done', 'unwound', 'stuck')`),
  ],
);

export const sagaStepStates = ["started", "waiting", "done", "refused", "undoing", "undone"] as const;
export type SagaStepState = (typeof sagaStepStates)[number];

/** The checkpoint: a row per (saga, step), there before anything that would have to be undone is done. */
export const sagaStep = platform.table(
  "saga_step",
  {
    sagaId: idColumn("saga_id", "saga")
      .notNull()
      .references(() => saga.id, { onDelete: "cascade" }),
    name: text("name").notNull(),
    position: integer("position").notNull(),
    state: text("state").$type<SagaStepState>().notNull(),
    output: jsonb("output"),
    attempts: integer("attempts").notNull().default(0),
    lastError: text("last_error"),
    /** What a step waits for, by a word or two of its own. */
    waitsFor: text("waits_for"),
    startedAt: instantColumn("started_at").notNull(),
    finishedAt: instantColumn("finished_at"),
  },
  (table) => [primaryKey({ columns: [table.sagaId, table.name] })],
);

/**
 * Who changed what, from what to what. `hash` covers the row and the hash of the row before it, so a removed or altered row
 * breaks the chain for whoever walks it.
 */
export const auditLog = platform.table(
  "audit_log",
  {
    seq: bigserial("seq", { mode: "number" }).primaryKey(),
    at: instantColumn("at").notNull(),
    actorKind: text("actor_kind").notNull(),
    actorId: text("actor_id").notNull(),
    actorName: text("actor_name").notNull(),
    action: text("action").notNull(),
    entity: text("entity").notNull(),
    entityId: text("entity_id").notNull(),
    before: jsonb("before"),
    after: jsonb("after"),
    requestId: text("request_id"),
    previousHash: text("previous_hash").notNull(),
    hash: text("hash").notNull(),
  },
  (table) => [
    index("audit_entity").on(table.entity, table.entityId),
    uniqueIndex("audit_chain").on(table.previousHash),
  ],
);

/** Settings of the shop: one row per name, read often, written by staff. */
export const setting = platform.table("setting", {
  name: text("name").primaryKey(),
  value: jsonb("value").notNull(),
  version: integer("version").notNull().default(1),
  updatedAt: instantColumn("updated_at").notNull(),
});

/** Long jobs (import, rebuild, export) with their progress, for the dashboard's tray and the command line. */
export const job = platform.table(
  "job",
  {
    id: uuid("id").primaryKey(),
    kind: text("kind").notNull(),
    state: text("state").$type<"running" | "done" | "failed">().notNull(),
    done: integer("done").notNull().default(0),
    total: integer("total"),
    result: jsonb("result"),
    cancelRequested: boolean("cancel_requested").notNull().default(false),
    startedBy: text("started_by").notNull(),
    startedAt: instantColumn("started_at").notNull(),
    updatedAt: instantColumn("updated_at").notNull(),
  },
  (table) => [index("job_recent").on(table.startedAt)],
);

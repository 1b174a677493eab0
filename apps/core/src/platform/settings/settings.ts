import type { Instant } from "@stoa/kernel";
import { eq, sql } from "drizzle-orm";
import type { z } from "zod";
import { type Database, onCommit, ownerOf, prepared, type Transaction, type ValueOf } from "../db/index.ts";
import { setting } from "../tables.ts";

/** A named group of settings: its shape, and what holds until staff say otherwise. */
export interface SettingDefinition<S extends z.ZodType> {
  readonly name: string;
  readonly schema: S;
  readonly fallback: z.infer<S>;
}

/** Defines a group of settings. @param fallback holds until staff say otherwise. */
export function defineSetting<S extends z.ZodType>(
  name: string,
  schema: S,
  fallback: z.infer<S>,
): SettingDefinition<S> {
  return { name, schema, fallback };
}

/** How long a process may go on with a value that another one has changed. Milliseconds. */
const KNOWN_FOR_MS = 1_000;

/** By which what is known grows old. A harness that decides when time passes sets another one. */
export const settingsClock = { now: () => performance.now() };

/** All that is stored, as one statement has read it. */
interface Known {
  stored: ReadonlyMap<string, unknown>;
  readonly parsed: Map<string, unknown>;
  until: number;
}

/** What is known of the settings in each database. A write in this process begins anew, so it is seen at once. */
let knownIn = new WeakMap<Database, Known>();
/** Until then nothing is remembered: nobody tells when a transaction that `transact` has not begun is committed. */
let unsureUntil = 0;
/** Transactions that have changed a setting read it from where they wrote it. */
const writers = new WeakSet<object>();

/**
 * The value in force, at most a second old when another process has changed it: for what may be a moment late, not for limits.
 * Settings are few and asked for together, so the first of them that is asked for brings in all.
 * A stored value that no longer fits the shape counts as a bug and throws.
 */
export async function readSetting<S extends z.ZodType>(
  db: Database | Transaction,
  definition: SettingDefinition<S>,
): Promise<z.infer<S>> {
  const known = knownFor(db);
  if (!known) return readSettingFresh(db, definition);
  if (known.until <= settingsClock.now()) {
    const rows = await allStored(db, {});
    known.stored = new Map(rows.map(({ name, value }) => [name, value]));
    known.parsed.clear();
    known.until = settingsClock.now() + KNOWN_FOR_MS;
  }
  if (!known.parsed.has(definition.name)) {
    const isStored = known.stored.has(definition.name);
    const value = isStored ? definition.schema.parse(known.stored.get(definition.name)) : definition.fallback;
    known.parsed.set(definition.name, value);
  }
  // Only ever written above, by the definition of that name.
  return known.parsed.get(definition.name) as z.infer<S>;
}

/** The value as it is stored now. */
export async function readSettingFresh<S extends z.ZodType>(
  db: Database | Transaction,
  { name, schema, fallback }: SettingDefinition<S>,
): Promise<z.infer<S>> {
  const [row] = await storedValue(db, { name });
  return row ? schema.parse(row.value) : fallback;
}

const allStored = prepared((db, _: ValueOf<object>) =>
  db.select({ name: setting.name, value: setting.value }).from(setting),
);

const storedValue = prepared((db, value: ValueOf<{ readonly name: string }>) =>
  db
    .select({ value: setting.value })
    .from(setting)
    .where(eq(setting.name, value("name", setting.name))),
);

function knownFor(db: Database | Transaction): Known | null {
  const owner = ownerOf(db);
  if (!owner || writers.has(db) || settingsClock.now() < unsureUntil) return null;
  const known = knownIn.get(owner) ?? { stored: new Map(), parsed: new Map(), until: Number.NEGATIVE_INFINITY };
  knownIn.set(owner, known);
  return known;
}

/** The value as it is, which nobody else who asks so changes until the transaction ends: for whoever writes what follows from it. */
export async function holdSetting<S extends z.ZodType>(
  tx: Transaction,
  definition: SettingDefinition<S>,
): Promise<z.infer<S>> {
  await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${`setting:${definition.name}`}, 0))`);
  return readSettingFresh(tx, definition);
}

/**
 * The value as it is, which nobody who holds it changes until the transaction ends. Any number may share it: for whoever writes what has to
 * fit it. Two statements.
 */
export async function shareSetting<S extends z.ZodType>(
  tx: Transaction,
  definition: SettingDefinition<S>,
): Promise<z.infer<S>> {
  await tx.execute(sql`select pg_advisory_xact_lock_shared(hashtextextended(${`setting:${definition.name}`}, 0))`);
  return readSettingFresh(tx, definition);
}

/** Writes the value; whoever reads it in this process sees it from the commit on. @throws ZodError when it does not fit the shape. */
export async function writeSetting<S extends z.ZodType>(
  tx: Transaction,
  now: Instant,
  definition: SettingDefinition<S>,
  value: z.infer<S>,
): Promise<void> {
  const parsed = definition.schema.parse(value);
  writers.add(tx);
  const owner = ownerOf(tx);
  // A read that began before keeps its answer where nobody looks any more.
  if (owner) onCommit(tx, () => knownIn.delete(owner));
  else {
    knownIn = new WeakMap();
    unsureUntil = settingsClock.now() + KNOWN_FOR_MS;
  }
  await tx
    .insert(setting)
    .values({ name: definition.name, value: parsed, updatedAt: now })
    .onConflictDoUpdate({
      target: setting.name,
      set: { value: parsed, updatedAt: now, version: sql`${setting.version} + 1` },
    });
}

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

interface Known {
  readonly value: unknown;
  readonly until: number;
}

/** What is known of the settings in each database. A write in this process begins a new map, so it is seen at once. */
let knownIn = new WeakMap<Database, Map<string, Known>>();
/** Until then nothing is remembered: nobody tells when a transaction that `transact` has not begun is committed. */
let unsureUntil = 0;
/** Transactions that have changed a setting read it from where they wrote it. */
const writers = new WeakSet<Transaction>();

/**
 * The value in force, at most a second old when another process has changed it: for what may be a moment late, not for limits.
 * A stored value that no longer fits the shape counts as a bug and throws.
 */
export async function readSetting<S extends z.ZodType>(
  db: Database | Transaction,
  definition: SettingDefinition<S>,
): Promise<z.infer<S>> {
  const known = knownFor(db);
  const remembered = known?.get(definition.name);
  // Only ever written below, by the definition of that name.
  if (remembered && remembered.until > settingsClock.now()) return remembered.value as z.infer<S>;
  const [row] = await storedValue(db, { name: definition.name });
  const value = row ? definition.schema.parse(row.value) : definition.fallback;
  known?.set(definition.name, { value, until: settingsClock.now() + KNOWN_FOR_MS });
  return value;
}

const storedValue = prepared((db, value: ValueOf<{ readonly name: string }>) =>
  db
    .select({ value: setting.value })
    .from(setting)
    .where(eq(setting.name, value("name", setting.name))),
);

/** The value in force, read afresh and kept as it is until the transaction ends: for a change that builds on what was there. */
export async function holdSetting<S extends z.ZodType>(
  tx: Transaction,
  definition: SettingDefinition<S>,
): Promise<z.infer<S>> {
  await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${`setting:${definition.name}`}, 0))`);
  const [row] = await storedValue(tx, { name: definition.name });
  return row ? definition.schema.parse(row.value) : definition.fallback;
}

function knownFor(db: Database | Transaction): Map<string, Known> | null {
  const owner = ownerOf(db);
  if (!owner || writers.has(db as Transaction) || settingsClock.now() < unsureUntil) return null;
  const known = knownIn.get(owner) ?? new Map<string, Known>();
  knownIn.set(owner, known);
  return known;
}

export async function writeSetting<S extends z.ZodType>(
  tx: Transaction,
  now: Instant,
  definition: SettingDefinition<S>,
  value: z.infer<S>,
): Promise<void> {
  const parsed = definition.schema.parse(value);
  writers.add(tx);
  const owner = ownerOf(tx);
  // A read that began before keeps its answer in the map that nobody looks into any more.
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

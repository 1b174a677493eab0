import type { Instant } from "@stoa/kernel";
import { eq, sql } from "drizzle-orm";
import type { z } from "zod";
import type { Database, Transaction } from "../db/index.ts";
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

/** The value in force. A stored value that no longer fits the shape counts as a bug and throws. */
export async function readSetting<S extends z.ZodType>(
  db: Database | Transaction,
  definition: SettingDefinition<S>,
): Promise<z.infer<S>> {
  const [row] = await db.select({ value: setting.value }).from(setting).where(eq(setting.name, definition.name));
  return row ? definition.schema.parse(row.value) : definition.fallback;
}

export async function writeSetting<S extends z.ZodType>(
  tx: Transaction,
  now: Instant,
  definition: SettingDefinition<S>,
  value: z.infer<S>,
): Promise<void> {
  const parsed = definition.schema.parse(value);
  await tx
    .insert(setting)
    .values({ name: definition.name, value: parsed, updatedAt: now })
    .onConflictDoUpdate({
      target: setting.name,
      set: { value: parsed, updatedAt: now, version: sql`${setting.version} + 1` },
    });
}

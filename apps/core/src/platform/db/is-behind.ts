import { cursorKeys, type IdPrefix, idSchema, instantSchema } from "@stoa/kernel";
import { type SQL, sql } from "drizzle-orm";
import type { PgColumn } from "drizzle-orm/pg-core";
import { z } from "zod";

/** A list by time, and by id where the time is the same. */
export interface TimeOrder {
  readonly at: PgColumn;
  readonly id: PgColumn;
  readonly prefix: IdPrefix;
  /** The newest first when left out. */
  readonly isOldestFirst?: boolean;
}

/** Whether a row stands behind a cursor of `[time, id]`; no condition without one. @throws problem `validation_failed`. */
export function isBehind(cursor: string | undefined, { at, id, prefix, isOldestFirst }: TimeOrder): SQL | undefined {
  if (cursor === undefined) return undefined;
  const [lastAt, lastId] = cursorKeys(cursor, z.tuple([instantSchema, idSchema(prefix)]));
  const further = isOldestFirst ? sql`>` : sql`<`;
  return sql`(${at}, ${id}) ${further} (${sql.param(lastAt, at)}, ${sql.param(lastId, id)})`;
}

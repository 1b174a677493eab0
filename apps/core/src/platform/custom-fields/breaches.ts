import type { Json } from "@stoa/kernel";
import { and, gt, type SQL, sql } from "drizzle-orm";
import type { PgColumn } from "drizzle-orm/pg-core";
import type { FieldDefinition, FieldValues } from "./custom-field.ts";
import { valueError } from "./values.ts";

/** Things that are listed by name; all are counted. */
const BREACHES_LISTED_MAX = 100;

/** A value that something has. */
export interface HeldValue {
  readonly id: string;
  /** What staff know it by. */
  readonly name: string;
  readonly value: Json;
}

/** Every value that the field of this key has, wherever it is kept. */
export type HeldValues = (key: string) => AsyncIterable<HeldValue>;

/** What there is of a field, and what of it would not keep to a definition. */
export interface FieldBreaches {
  readonly held: number;
  readonly total: number;
  readonly items: readonly { readonly id: string; readonly name: string; readonly message: string }[];
}

/** Reads every value of the field. */
export async function findBreaches(definition: FieldDefinition, heldValues: HeldValues): Promise<FieldBreaches> {
  const items: FieldBreaches["items"][number][] = [];
  let held = 0;
  let total = 0;
  for await (const { id, name, value } of heldValues(definition.key)) {
    held += 1;
    const message = valueError(value, definition);
    if (message === null) continue;
    total += 1;
    if (items.length < BREACHES_LISTED_MAX) items.push({ id, name, message });
  }
  return { held, total, items };
}

const PAGE = 1_000;

interface Holder<Id> {
  readonly id: Id;
  readonly name: string;
  readonly customFields: FieldValues;
}

/** The values of a field in a table, a page at a time in the order of ids. */
export async function* heldInPages<Id extends string>(
  key: string,
  read: (page: { readonly after: Id | null; readonly limit: number }) => Promise<readonly Holder<Id>[]>,
): AsyncIterable<HeldValue> {
  let after: Id | null = null;
  for (;;) {
    const rows: readonly Holder<Id>[] = await read({ after, limit: PAGE });
    for (const { id, name, customFields } of rows) {
      const value = customFields[key];
      if (value !== undefined) yield { id, name, value };
    }
    const last = rows.at(-1);
    if (!last || rows.length < PAGE) return;
    after = last.id;
  }
}

/** Rows that have a value of a field, behind the last one of the page before; in the order of their ids. */
export function holding(values: PgColumn, key: string, id: PgColumn, after: string | null): SQL | undefined {
  return and(sql`${values} ? ${key}`, after === null ? undefined : gt(id, after));
}

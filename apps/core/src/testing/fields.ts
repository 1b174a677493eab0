import type { Instant } from "@stoa/kernel";
import { type CustomField, customFieldSchema } from "../platform/custom-fields/custom-field.ts";
import { customFieldsSetting, type FindTargets, type ReadFields } from "../platform/custom-fields/index.ts";
import { type Database, transact } from "../platform/db/index.ts";
import { writeSetting } from "../platform/settings/index.ts";

/** A shop that has defined no fields of its own. */
export const noFields: ReadFields = async () => [];

/** A shop of which nothing can be led to. */
export const noTargets: FindTargets = async () => new Set();

/** A field as it is kept; the test names its entity, key and kind, and whatever else matters to it. */
export function aField(members: Readonly<Record<string, unknown>>): CustomField {
  const stamps = { archivedAt: null, version: 1, createdAt: 0, updatedAt: 0 };
  return customFieldSchema.parse({ label: { en: String(members.key) }, ...stamps, ...members });
}

/** These are the shop's fields from now on, and no others. */
export async function defineFields(db: Database, fields: readonly Readonly<Record<string, unknown>>[]): Promise<void> {
  await transact(db, (tx) => writeSetting(tx, 0 as Instant, customFieldsSetting, fields.map(aField)));
}

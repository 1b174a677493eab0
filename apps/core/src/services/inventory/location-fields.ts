import type { LocationId } from "@stoa/kernel";
import { asc, eq } from "drizzle-orm";
import {
  changedByStaff,
  type FieldPatch,
  type FieldValues,
  type HeldValue,
  heldInPages,
  holding,
  type TargetsDeps,
} from "../../platform/custom-fields/index.ts";
import type { Database, Transaction } from "../../platform/db/index.ts";
import { location } from "./tables.ts";

/** What a location's own fields say with a patch over them; for a new one what is required has to be there. @throws problem `validation_failed`. */
export async function locationFields(
  { tx, findTargets }: TargetsDeps & { readonly tx: Transaction },
  id: LocationId | undefined,
  patch: FieldPatch = {},
): Promise<FieldValues> {
  const [row] = id
    ? await tx.select({ before: location.customFields }).from(location).where(eq(location.id, id)).for("update")
    : [];
  const isComplete = id === undefined || Object.keys(patch).length > 0;
  return changedByStaff({ tx, findTargets }, { entity: "location", before: row?.before ?? {}, patch, isComplete });
}

/** Every value that locations have of a field. */
export function heldByLocations(db: Database | Transaction, key: string): AsyncIterable<HeldValue> {
  return heldInPages<LocationId>(key, ({ after, limit }) =>
    db
      .select({ id: location.id, name: location.code, customFields: location.customFields })
      .from(location)
      .where(holding(location.customFields, key, location.id, after))
      .orderBy(asc(location.id))
      .limit(limit),
  );
}

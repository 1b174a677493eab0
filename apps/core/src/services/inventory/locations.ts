import { type LocationId, newId, problem, toTimestamp } from "@stoa/kernel";
import { asc, eq } from "drizzle-orm";
import type { FieldPatch, FieldValues, TargetsDeps } from "../../platform/custom-fields/index.ts";
import type { Database, Transaction } from "../../platform/db/index.ts";
import { isUniqueViolation } from "../../platform/db/index.ts";
import { locationFields } from "./location-fields.ts";
import type { StockContext } from "./post-movements.ts";
import { LOCATIONS_MAX, type LocationKind } from "./stock.ts";
import { location } from "./tables.ts";

export const DEFAULT_LOCATION_CODE = "main";

export interface LocationInput {
  /** Unique and short, e.g. "main". */
  readonly code: string;
  readonly name: string;
  readonly kind: LocationKind;
  /** The lowest is taken from first. */
  readonly priority: number;
}

export interface SaveLocation extends LocationInput {
  readonly id?: LocationId | undefined;
  /** Values of the shop's own fields of locations; null takes one away. */
  readonly customFields?: FieldPatch | undefined;
}

export interface Location extends LocationInput {
  readonly id: LocationId;
  readonly customFields: FieldValues;
  readonly createdAt: string;
}

/** There is always one place to put stock. Idempotent; answers the first location by priority. */
export async function ensureDefaultLocation({ tx, now }: StockContext): Promise<LocationId> {
  const [first] = await tx
    .select({ id: location.id })
    .from(location)
    .orderBy(asc(location.priority), asc(location.id))
    .limit(1);
  if (first) return first.id;
  const row = { code: DEFAULT_LOCATION_CODE, name: "Main warehouse", kind: "warehouse" as const, priority: 100 };
  await tx
    .insert(location)
    .values({ id: newId("loc"), ...row, createdAt: now, updatedAt: now })
    .onConflictDoNothing({ target: location.code });
  return ensureDefaultLocation({ tx, now });
}

/**
 * Creates a location, or changes the one named by `id`.
 * @throws problem `not_found`, `validation_failed`, or `state_conflict` for a code in use or one location too many.
 */
export async function saveLocation(
  { tx, now, findTargets }: StockContext & TargetsDeps,
  input: SaveLocation,
): Promise<Location> {
  const { id, code, name, kind, priority } = input;
  if (id === undefined && (await tx.$count(location)) >= LOCATIONS_MAX) {
    throw problem("state_conflict", { detail: `A shop has at most ${LOCATIONS_MAX} locations.` });
  }
  const customFields = await locationFields({ tx, findTargets }, id, input.customFields);
  const row = { code, name, kind, priority, customFields, updatedAt: now };
  try {
    const [saved] = id
      ? await tx.update(location).set(row).where(eq(location.id, id)).returning()
      : await tx
          .insert(location)
          .values({ ...row, id: newId("loc"), createdAt: now })
          .returning();
    if (!saved) throw problem("not_found");
    return viewOf(saved);
  } catch (error) {
    if (isUniqueViolation(error)) throw problem("state_conflict", { detail: `the code ${code} is in use` });
    throw error;
  }
}

/** By priority, the first first. */
export async function listLocations({ db }: { readonly db: Database | Transaction }): Promise<Location[]> {
  const rows = await db.select().from(location).orderBy(asc(location.priority), asc(location.id));
  return rows.map(viewOf);
}

function viewOf({ updatedAt: _, ...row }: typeof location.$inferSelect): Location {
  return { ...row, createdAt: toTimestamp(row.createdAt) };
}

import { type FieldError, problem } from "@stoa/kernel";
import type { Database, Transaction } from "../db/index.ts";
import type { CustomField, FieldEntity, FieldValues } from "./custom-field.ts";
import { shareFields } from "./fields.ts";
import { changedValues, type PatchChange } from "./values.ts";

/** Those of these ids that lead to a product, category, customer or order there is. One question a service, and none for no ids. */
export type FindTargets = (db: Database | Transaction, ids: readonly string[]) => Promise<ReadonlySet<string>>;

/** Whose router judges values that lead somewhere: each service knows its own things alone. */
export interface TargetsDeps {
  readonly findTargets: FindTargets;
}

export interface Reference {
  readonly path: string;
  readonly id: string;
}

export interface ReferenceChange {
  readonly fields: readonly CustomField[];
  readonly before: FieldValues | null;
  readonly after: FieldValues;
  readonly path?: string;
}

/** What changed values lead to and did not before: what was there once may be gone, and keeps nobody from changing something else. */
export function newReferences({ fields, before, after, path = "customFields" }: ReferenceChange): Reference[] {
  return fields.flatMap(({ key, kind }) => {
    if (kind !== "reference") return [];
    const known = [before?.[key] ?? []].flat();
    return [after[key] ?? []]
      .flat()
      .flatMap((id) => (typeof id === "string" && !known.includes(id) ? [{ path: `${path}.${key}`, id }] : []));
  });
}

/** What to say of those that lead nowhere; `known` are the ids that lead somewhere. */
export function leadingNowhere<R extends Reference>(
  references: readonly R[],
  known: ReadonlySet<string>,
): ReadonlyMap<R, FieldError> {
  const dangling = references.filter(({ id }) => !known.has(id));
  return new Map(
    dangling.map((reference) => [
      reference,
      { path: reference.path, message: "leads nowhere", code: "reference_not_found" },
    ]),
  );
}

/** A change of what one thing's own fields say, whose definitions are yet to be read. */
export interface FieldsChange extends Omit<PatchChange, "by" | "fields"> {
  readonly entity: FieldEntity;
}

/**
 * The values as a patch of staff's leaves them; what they newly lead to has to be there.
 * @throws Problem `validation_failed` as `changedValues`, with the code `reference_not_found` for what leads nowhere.
 */
export async function changedByStaff(
  { tx, findTargets }: TargetsDeps & { readonly tx: Transaction },
  { entity, ...patch }: FieldsChange,
): Promise<FieldValues> {
  const change = { ...patch, fields: await shareFields(tx, entity) };
  const after = changedValues({ ...change, by: "staff" });
  const references = newReferences({ ...change, after });
  if (references.length === 0) return after;
  const known = await findTargets(
    tx,
    references.map(({ id }) => id),
  );
  const errors = [...leadingNowhere(references, known).values()];
  if (errors.length > 0) throw problem("validation_failed", { errors });
  return after;
}

/**
 * The values as a shopper's patch leaves them, or staff's. Shoppers lead nowhere: no reference is theirs to write.
 * @throws Problem `validation_failed`.
 */
export async function changedBy(
  tx: Transaction,
  by: "shopper" | TargetsDeps,
  { entity, ...patch }: FieldsChange,
): Promise<FieldValues> {
  if (by !== "shopper") return changedByStaff({ tx, ...by }, { entity, ...patch });
  return changedValues({ ...patch, fields: await shareFields(tx, entity), by });
}

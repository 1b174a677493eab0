import { type Instant, problem } from "@stoa/kernel";
import { z } from "zod";
import type { Transaction } from "../db/index.ts";
import { enqueue } from "../outbox/index.ts";
import { holdSetting, writeSetting } from "../settings/index.ts";
import { type FieldBreaches, findBreaches, type HeldValues } from "./breaches.ts";
import {
  type CustomField,
  countMaxOf,
  customFieldSchema,
  FIELDS_PER_ENTITY_MAX,
  type FieldDefinition,
  type FieldEntity,
  fieldDefinitionSchema,
  fieldEntities,
  fieldKey,
} from "./custom-field.ts";
import { definitionErrors } from "./definition-errors.ts";
import { customFieldsSetting } from "./fields.ts";
import { fieldsChanged } from "./messages.ts";

/** All definitions together; read whole by every process once a second. */
const DEFINITIONS_LENGTH_MAX = 500_000;

export const saveFieldSchema = z.strictObject({
  definition: fieldDefinitionSchema,
  /** The version that the editor saw; absent for a new field. */
  version: z.int().min(1).optional(),
  /** Saves it although values break it; they stay as they are, and are judged when they are changed next. */
  acceptBreaches: z.boolean().default(false),
});
export type SaveField = z.infer<typeof saveFieldSchema>;

const ofField = { entity: z.enum(fieldEntities), key: fieldKey };
export const atFieldSchema = z.strictObject({ ...ofField, version: z.int().min(1) });
export type AtField = z.infer<typeof atFieldSchema>;
export const arrangeFieldsSchema = z.strictObject({
  entity: ofField.entity,
  /** Of all fields of the entity, in their new order. */
  keys: z.array(fieldKey).max(FIELDS_PER_ENTITY_MAX * 2),
});

interface WriteContext {
  readonly tx: Transaction;
  readonly now: Instant;
}

export interface FieldWrite<After extends CustomField | null = CustomField> {
  readonly before: CustomField | null;
  readonly after: After;
}

/**
 * Defines a field, or changes one: its key and what it is of stay. What there is of it decides: a change of kind is refused while there
 * is any value, a narrower limit while there are values that would break it, unless they are accepted. They are looked at while nobody who
 * shares the definitions can write one.
 * @throws Problem `not_found`, `version_conflict`, `validation_failed`, `state_conflict` (with `breaches`).
 */
export async function saveField(context: WriteContext, input: SaveField, heldValues: HeldValues): Promise<FieldWrite> {
  const { definition, version, acceptBreaches } = input;
  const errors = definitionErrors(definition);
  if (errors.length > 0) throw problem("validation_failed", { errors });
  if (version === undefined) return { before: null, after: await addField(context, definition) };
  return changeField(context, { ...definition, version }, async (before) => {
    const breaches = await findBreaches(definition, heldValues);
    refuseOtherKind(before, definition, breaches);
    if (breaches.total > 0 && !acceptBreaches) {
      throw problem("state_conflict", { detail: `${breaches.total} values would break the definition`, breaches });
    }
    const { archivedAt, createdAt } = before;
    return withStamps(definition, { archivedAt, createdAt, version: before.version + 1, updatedAt: context.now });
  });
}

/** Puts a field away: its values stay and are shown as before, but it takes no new ones. @throws as saveField. */
export function archiveField(context: WriteContext, at: AtField): Promise<FieldWrite> {
  return changeField(context, at, (before) =>
    stamped(context, before, { archivedAt: before.archivedAt ?? context.now }),
  );
}

/** Takes an archived field back into use. @throws as saveField. */
export function restoreField(context: WriteContext, at: AtField): Promise<FieldWrite> {
  return changeField(context, at, (before) => stamped(context, before, { archivedAt: null }));
}

/** Takes away a field of which there is no value. @throws as saveField. */
export function deleteField(context: WriteContext, at: AtField, heldValues: HeldValues): Promise<FieldWrite<null>> {
  return changeField(context, at, async () => {
    const held = await countHeld(heldValues(at.key));
    if (held > 0) {
      throw problem("state_conflict", { detail: `${held} values are there; archive the field instead`, held });
    }
    return null;
  });
}

/** Puts the fields of an entity in another order; a field that is not named comes last. */
export async function arrangeFields(
  { tx, now }: WriteContext,
  { entity, keys }: z.infer<typeof arrangeFieldsSchema>,
): Promise<readonly CustomField[]> {
  const all = await holdSetting(tx, customFieldsSetting);
  const placeOf = ({ key }: CustomField) => (keys.includes(key) ? keys.indexOf(key) : keys.length);
  const own = all.filter((field) => field.entity === entity).toSorted((left, right) => placeOf(left) - placeOf(right));
  await write({ tx, now }, entity, [...all.filter((field) => field.entity !== entity), ...own]);
  return own;
}

async function addField({ tx, now }: WriteContext, definition: FieldDefinition): Promise<CustomField> {
  const all = await holdSetting(tx, customFieldsSetting);
  const own = all.filter(({ entity }) => entity === definition.entity);
  if (own.some(({ key }) => key === definition.key)) throw keyProblem("is taken");
  // Values lie in plain objects, in which it would seem to stand from the beginning.
  if (definition.key in {}) throw keyProblem("is a name that every object has");
  if (own.length >= FIELDS_PER_ENTITY_MAX) throw keyProblem(`more than ${FIELDS_PER_ENTITY_MAX} fields`);
  const field = withStamps(definition, { archivedAt: null, version: 1, createdAt: now, updatedAt: now });
  await write({ tx, now }, definition.entity, [...all, field]);
  return field;
}

async function changeField<After extends CustomField | null>(
  { tx, now }: WriteContext,
  { entity, key, version }: AtField,
  change: (before: CustomField) => After | Promise<After>,
): Promise<FieldWrite<After>> {
  const all = await holdSetting(tx, customFieldsSetting);
  const before = all.find((field) => field.entity === entity && field.key === key);
  if (!before) throw problem("not_found");
  if (before.version !== version) throw problem("version_conflict", { version: before.version });
  const after = await change(before);
  await write(
    { tx, now },
    entity,
    all.flatMap((field) => (field === before ? (after ?? []) : field)),
  );
  return { before, after };
}

async function countHeld(values: ReturnType<HeldValues>): Promise<number> {
  let count = 0;
  for await (const _ of values) count += 1;
  return count;
}

async function write({ tx, now }: WriteContext, entity: FieldEntity, fields: readonly CustomField[]): Promise<void> {
  if (JSON.stringify(fields).length > DEFINITIONS_LENGTH_MAX) throw keyProblem("all definitions together are too long");
  await writeSetting(tx, now, customFieldsSetting, fields);
  await enqueue(tx, now, [fieldsChanged.of(entity, { entity })]);
}

/** A value of one kind is none of another, and what shoppers have been shown of an order stays where they see it. */
function refuseOtherKind(before: CustomField, after: FieldDefinition, { held }: FieldBreaches): void {
  const isSame = before.kind === after.kind && (countMaxOf(before) === 1) === (countMaxOf(after) === 1);
  if (!isSame && held > 0) {
    throw problem("state_conflict", { detail: `${held} values are there, so the kind stays as it is`, held });
  }
  const isInViews = after.entity === "order" || after.entity === "order_line";
  if (isInViews && held > 0 && before.visibility === "shoppers" && after.visibility === "staff") {
    throw problem("state_conflict", {
      detail: `${held} ${after.entity === "order" ? "orders" : "lines"} show it to their shoppers; archive it instead`,
      held,
    });
  }
}

function stamped({ now }: WriteContext, before: CustomField, members: Partial<Pick<CustomField, "archivedAt">>) {
  return { ...before, ...members, version: before.version + 1, updatedAt: now };
}

type Stamps = Pick<CustomField, "archivedAt" | "version" | "createdAt" | "updatedAt">;

function withStamps(definition: FieldDefinition, stamps: Stamps): CustomField {
  return customFieldSchema.parse({ ...definition, ...stamps });
}

function keyProblem(message: string) {
  return problem("validation_failed", { errors: [{ path: "key", message }] });
}

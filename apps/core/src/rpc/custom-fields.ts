import { toTimestamp } from "@stoa/kernel";
import { z } from "zod";
import { recordAudit } from "../platform/audit/index.ts";
import {
  archiveField,
  arrangeFields,
  arrangeFieldsSchema,
  atFieldSchema,
  type CustomField,
  customFieldsSetting,
  deleteField,
  type FieldBreaches,
  type FieldDefinition,
  type FieldEntity,
  type FieldWrite,
  fieldEntities,
  findBreaches,
  type HeldValues,
  restoreField,
  saveField,
  saveFieldSchema,
} from "../platform/custom-fields/index.ts";
import { type Database, type Transaction, transact } from "../platform/db/index.ts";
import { anyStaffProcedure, type RpcContext, router, type StaffActor, staffProcedure } from "../platform/rpc/index.ts";
import { readSettingFresh } from "../platform/settings/index.ts";
import { type CatalogDatabase, heldInCatalog } from "../services/catalog/index.ts";
import { heldByLocations } from "../services/inventory/index.ts";
import { heldByLines, heldByOrders, heldByReturns } from "../services/orders/index.ts";
import { heldByCustomers } from "../services/users/index.ts";

export interface CustomFieldsDeps {
  readonly db: Database;
  readonly catalog: CatalogDatabase;
}

interface HoldersDeps extends Pick<CustomFieldsDeps, "catalog"> {
  readonly db: Database | Transaction;
}

/** What staff define beside what every shop has. Values lie with what they are of, in several services, so it stands here. */
export function createCustomFieldsRouter(deps: CustomFieldsDeps) {
  const write = staffProcedure("settings:write");
  return router({
    /** Every field, archived ones included, in order. Whoever sees a product or an order needs them to read it. */
    list: anyStaffProcedure
      .input(z.strictObject({ entity: z.enum(fieldEntities).optional() }))
      .query(async ({ input: { entity } }) => {
        const all = await readSettingFresh(deps.db, customFieldsSetting);
        const fields = entity === undefined ? all : all.filter((field) => field.entity === entity);
        return { items: fields.map(fieldView) };
      }),
    /** How many values there are, and which `save` with the same definition would break. */
    preview: staffProcedure("settings:read")
      .input(saveFieldSchema)
      .query(({ input: { definition } }) => breachesOf(deps, definition)),
    save: write.input(saveFieldSchema).mutation(async ({ ctx, input }) => {
      return fieldView(
        await audited<CustomField>(deps, ctx, { action: "saved", of: input.definition }, (context) =>
          saveField(context, input, heldValues({ ...deps, db: context.tx }, input.definition.entity)),
        ),
      );
    }),
    archive: write
      .input(atFieldSchema)
      .mutation(async ({ ctx, input }) =>
        fieldView(
          await audited<CustomField>(deps, ctx, { action: "archived", of: input }, (context) =>
            archiveField(context, input),
          ),
        ),
      ),
    restore: write
      .input(atFieldSchema)
      .mutation(async ({ ctx, input }) =>
        fieldView(
          await audited<CustomField>(deps, ctx, { action: "restored", of: input }, (context) =>
            restoreField(context, input),
          ),
        ),
      ),
    delete: write.input(atFieldSchema).mutation(async ({ ctx, input }) => {
      await audited(deps, ctx, { action: "deleted", of: input }, (context) =>
        deleteField(context, input, heldValues({ ...deps, db: context.tx }, input.entity)),
      );
    }),
    arrange: write.input(arrangeFieldsSchema).mutation(async ({ ctx, input }) => {
      const { actor, requestId, clock } = ctx;
      const now = clock.now();
      return transact(deps.db, async (tx) => {
        const fields = await arrangeFields({ tx, now }, input);
        const entry = { at: now, actor, requestId, entity: "custom_field", entityId: input.entity };
        await recordAudit(tx, { ...entry, action: "custom_field.arranged", after: input });
        return { items: fields.map(fieldView) };
      });
    }),
  });
}

/** A field as it is told, of whatever kind it is. */
type FieldView<F extends CustomField> = F extends CustomField
  ? Omit<F, "archivedAt" | "createdAt" | "updatedAt"> & {
      readonly archivedAt: string | null;
      readonly createdAt: string;
      readonly updatedAt: string;
    }
  : never;

/** Runs a verb and writes its link of the audit chain in the same transaction. */
function audited<After extends CustomField | null>(
  { db }: CustomFieldsDeps,
  { actor, requestId, clock }: RpcContext & { readonly actor: StaffActor },
  { action, of: { entity, key } }: { readonly action: string; readonly of: Pick<FieldDefinition, "entity" | "key"> },
  work: (context: {
    readonly tx: Transaction;
    readonly now: ReturnType<typeof clock.now>;
  }) => Promise<FieldWrite<After>>,
): Promise<After> {
  const now = clock.now();
  return transact(db, async (tx) => {
    const { before, after } = await work({ tx, now });
    const entry = { at: now, actor, requestId, entity: "custom_field", entityId: `${entity}.${key}` };
    await recordAudit(tx, { ...entry, action: `custom_field.${action}`, before, after });
    return after;
  });
}

function fieldView<F extends CustomField>({ archivedAt, createdAt, updatedAt, ...field }: F) {
  const dates = { createdAt: toTimestamp(createdAt), updatedAt: toTimestamp(updatedAt) };
  return { ...field, archivedAt: archivedAt && toTimestamp(archivedAt), ...dates } as unknown as FieldView<F>;
}

function breachesOf(deps: CustomFieldsDeps, definition: FieldDefinition): Promise<FieldBreaches> {
  return findBreaches(definition, heldValues(deps, definition.entity));
}

/** Read through a transaction, they cost no second connection while others wait for what it holds. */
function heldValues({ db, catalog }: HoldersDeps, entity: FieldEntity): HeldValues {
  switch (entity) {
    case "product":
    case "variant":
    case "category":
      return (key) => heldInCatalog(catalog, entity, key);
    case "customer":
      return (key) => heldByCustomers(db, key);
    case "order":
      return (key) => heldByOrders(db, key);
    case "order_line":
      return (key) => heldByLines(db, key);
    case "return":
      return (key) => heldByReturns(db, key);
    case "location":
      return (key) => heldByLocations(db, key);
  }
}

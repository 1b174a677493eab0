import {
  changedValues,
  type FieldPatch,
  type FieldValues,
  readFields,
  shownToShoppers,
  withDefaults,
} from "../../platform/custom-fields/index.ts";
import type { Database, Transaction } from "../../platform/db/index.ts";

/** An order's own fields are filled in on the cart that it is made of. */

/** What a shopper's patch leaves of a cart's values. @throws problem `validation_failed` with the path of each value. */
export async function patchedFields(tx: Transaction, before: FieldValues, patch: FieldPatch): Promise<FieldValues> {
  const fields = await readFields(tx, "order");
  return changedValues({ fields, before, patch, by: "shopper", isComplete: false });
}

/** What of a cart's values shoppers see; nothing is asked where there is none. */
export async function shownCartFields(db: Database | Transaction, values: FieldValues): Promise<FieldValues> {
  if (Object.keys(values).length === 0) return {};
  return shownToShoppers(await readFields(db, "order"), values);
}

/**
 * The values that an order starts with: those of its cart as its fields are now, and what holds where there is none. What has been
 * archived meanwhile, or is no longer for shoppers to say, stays behind.
 * @throws problem `validation_failed` for what is required and missing, and for values that no longer fit.
 */
export async function orderFields(tx: Transaction, values: FieldValues): Promise<FieldValues> {
  const fields = await readFields(tx, "order");
  if (fields.length === 0) return {};
  const open = new Set(
    fields.filter((field) => field.isShopperEditable && field.archivedAt === null).map(({ key }) => key),
  );
  const patch = Object.fromEntries(Object.entries(values).filter(([key]) => open.has(key)));
  const after = changedValues({ fields, before: {}, patch, by: "shopper", isComplete: true });
  return withDefaults(fields, after);
}

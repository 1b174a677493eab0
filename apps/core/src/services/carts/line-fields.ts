import { type CartId, type FieldError, problem } from "@stoa/kernel";
import { and, eq } from "drizzle-orm";
import {
  type CustomField,
  changedValues,
  type FieldPatch,
  type FieldValues,
  readFields,
  shownToShoppers,
  valuesErrors,
  withDefaults,
} from "../../platform/custom-fields/index.ts";
import type { Database, Transaction } from "../../platform/db/index.ts";
import type { AddItem } from "./add-item.ts";
import { cartLine } from "./tables.ts";

/** The own fields of order lines are filled in on the lines of the cart: there is one for each SKU, and it says one thing of each field. */

/** Of one line: a hundred of them come with every answer. */
const LINE_FIELDS_BYTES_MAX = 8_192;

/**
 * What the lines of a new cart say, by SKU; of what is said twice of one SKU the last counts.
 * @throws problem `validation_failed` with the path of each value.
 */
export async function newLineFields(
  db: Database | Transaction,
  items: AddItem["items"],
): Promise<(sku: string) => FieldValues> {
  if (items.every(({ customFields }) => customFields === undefined)) return () => ({});
  const fields = await readFields(db, "order_line");
  const values = new Map<string, FieldValues>();
  items.forEach(({ sku, customFields: patch = {} }, index) => {
    const change = { fields, before: values.get(sku) ?? {}, patch, path: `items.${index}.customFields` };
    values.set(sku, changedByShopper(change));
  });
  return (sku) => values.get(sku) ?? {};
}

/** Changes what a line says; the cart is held by whoever asks, so what is written is what was judged. @throws problem `validation_failed`. */
export async function patchLineFields(
  tx: Transaction,
  { cartId, sku, patch }: { readonly cartId: CartId; readonly sku: string; readonly patch: FieldPatch },
): Promise<void> {
  const line = and(eq(cartLine.cartId, cartId), eq(cartLine.sku, sku));
  const [row] = await tx.select({ before: cartLine.customFields }).from(cartLine).where(line);
  const fields = await readFields(tx, "order_line");
  const customFields = changedByShopper({ fields, before: row?.before ?? {}, patch });
  await tx.update(cartLine).set({ customFields }).where(line);
}

interface LineChange {
  readonly fields: readonly CustomField[];
  readonly before: FieldValues;
  readonly patch: FieldPatch;
  readonly path?: string;
}

function changedByShopper(change: LineChange): FieldValues {
  return changedValues({ ...change, by: "shopper", isComplete: false, bytesMax: LINE_FIELDS_BYTES_MAX });
}

/** What of some lines' values shoppers see; nothing is asked where there is none. */
export async function shownLineFields(
  db: Database | Transaction,
  lines: readonly { readonly customFields: FieldValues }[],
): Promise<(values: FieldValues) => FieldValues> {
  if (lines.every(({ customFields }) => Object.keys(customFields).length === 0)) return () => ({});
  const fields = await readFields(db, "order_line");
  return (values) => shownToShoppers(fields, values);
}

/**
 * The lines as an order takes them over, judged once more by the fields as they are now, with what holds where there is no value. What has
 * been archived meanwhile, or is no longer for shoppers to say, stays behind.
 * @throws problem `validation_failed` for what is required and missing, and for values that no longer fit, by the line's place.
 */
export async function withOrderFields<L extends { readonly customFields: FieldValues }>(
  tx: Transaction,
  lines: readonly L[],
): Promise<L[]> {
  const fields = await readFields(tx, "order_line");
  if (fields.length === 0) return lines.map((line) => ({ ...line, customFields: {} }));
  const open = new Set(
    fields.filter((field) => field.isShopperEditable && field.archivedAt === null).map(({ key }) => key),
  );
  const errors: FieldError[] = [];
  const taken = lines.map((line, index) => {
    const after = Object.fromEntries(Object.entries(line.customFields).filter(([key]) => open.has(key)));
    const path = `items.${index}.customFields`;
    errors.push(...valuesErrors({ fields, before: {}, after, by: "shopper", isComplete: true, path }));
    return { ...line, customFields: withDefaults(fields, after) };
  });
  if (errors.length > 0) throw problem("validation_failed", { errors });
  return taken;
}

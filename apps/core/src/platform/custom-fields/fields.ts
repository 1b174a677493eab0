import { z } from "zod";
import type { Database, Transaction } from "../db/index.ts";
import { defineSetting, readSetting, readSettingFresh, shareSetting } from "../settings/index.ts";
import { type CustomField, customFieldSchema, type FieldEntity } from "./custom-field.ts";

/** Every field there is, in the order in which staff arranged those of each entity. */
export const customFieldsSetting = defineSetting("custom_fields", z.array(customFieldSchema).readonly(), []);

/** The fields of one kind of thing, archived ones included; whoever asks knows no more than that. */
export type ReadFields = (entity: FieldEntity) => Promise<readonly CustomField[]>;

/** The fields as of a second ago at most. Asking costs no statement of its own: they come with the other settings. */
export async function readFields(db: Database | Transaction, entity: FieldEntity): Promise<readonly CustomField[]> {
  const all = await readSetting(db, customFieldsSetting);
  return all.filter((field) => field.entity === entity);
}

/**
 * The fields as they are, which nobody changes until the transaction ends: for whoever writes values off the way of a checkout, so that
 * none is written of a definition that is gone or has become narrower. Checkouts go by `readFields`.
 */
export async function shareFields(tx: Transaction, entity: FieldEntity): Promise<readonly CustomField[]> {
  const all = await shareSetting(tx, customFieldsSetting);
  return all.filter((field) => field.entity === entity);
}

export type AllFields = Readonly<Record<FieldEntity, readonly CustomField[]>>;

/** All fields as they are now, for who shows to shoppers what they say may be shown. One statement. */
export async function readFieldsFresh(db: Database): Promise<AllFields> {
  const all = await readSettingFresh(db, customFieldsSetting);
  const of = (wanted: FieldEntity) => all.filter(({ entity }) => entity === wanted);
  return {
    product: of("product"),
    variant: of("variant"),
    category: of("category"),
    customer: of("customer"),
    order: of("order"),
    order_line: of("order_line"),
    return: of("return"),
    location: of("location"),
  };
}

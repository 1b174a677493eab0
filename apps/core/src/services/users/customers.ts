import { type Clock, type CustomerId, type Instant, problem, toTimestamp } from "@stoa/kernel";
import { and, eq, isNull, sql } from "drizzle-orm";
import { z } from "zod";
import {
  type FieldValues,
  fieldPatchSchema,
  readFields,
  shownToShoppers,
  withDefaults,
} from "../../platform/custom-fields/index.ts";
import { type Database, type Transaction, transact } from "../../platform/db/index.ts";
import type { CustomerActor } from "../../platform/rpc/index.ts";
import { saveCustomerFields } from "./customer-fields.ts";
import { customer } from "./tables.ts";

export interface CustomersDeps {
  readonly db: Database;
  readonly clock: Clock;
}

export interface NewCustomer {
  readonly customerId: CustomerId;
  readonly email: string;
  readonly name: string;
}

/** Writes the customer of a signed-in person unless it stands already. */
export async function ensureCustomer(db: Database, now: Instant, input: NewCustomer): Promise<void> {
  const { customerId: id, email, name } = input;
  await db.insert(customer).values({ id, email, name, createdAt: now, updatedAt: now }).onConflictDoNothing();
}

/** What a customer sees of their own profile. */
export interface ProfileView {
  readonly id: CustomerId;
  readonly email: string;
  readonly emailVerified: boolean;
  readonly name: string;
  readonly phone?: string;
  readonly company?: string;
  readonly acceptsMarketing: boolean;
  /** What the shop's own fields say, those that customers may see; absent where nothing. */
  readonly customFields?: FieldValues;
  readonly createdAt: string;
}

/** The caller's own profile. @throws problem `not_found` when it has been erased. */
export async function readProfile(deps: CustomersDeps, actor: CustomerActor): Promise<ProfileView> {
  const { customerId, email } = actor;
  const find = () => deps.db.select().from(customer).where(eq(customer.id, customerId));
  let [row] = await find();
  if (!row) {
    // Sign-up was cut short before it wrote the customer.
    await ensureCustomer(deps.db, deps.clock.now(), { customerId, email, name: email });
    [row] = await find();
  }
  if (!row || row.erasedAt !== null) throw problem("not_found");
  return profileOf(deps.db, row, actor);
}

export const profilePatchSchema = z.strictObject({
  name: z.string().trim().min(1).max(100).optional(),
  phone: z.string().trim().min(3).max(30).nullable().optional(),
  company: z.string().trim().min(1).max(100).nullable().optional(),
  acceptsMarketing: z.boolean().optional(),
  /** Null takes a value away. */
  customFields: fieldPatchSchema.optional(),
});
export type ProfilePatch = z.output<typeof profilePatchSchema>;

export async function updateProfile(
  deps: CustomersDeps,
  actor: CustomerActor,
  { customFields: values, ...patch }: ProfilePatch,
): Promise<ProfileView> {
  const { customerId } = actor;
  const now = deps.clock.now();
  const given = Object.fromEntries(Object.entries(patch).filter(([, value]) => value !== undefined));
  return transact(deps.db, async (tx) => {
    if (values) await saveCustomerFields({ tx, now }, { customerId, values, by: "shopper" });
    const [row] = await tx
      .update(customer)
      .set({ ...given, updatedAt: now, version: sql`${customer.version} + 1` })
      .where(and(eq(customer.id, customerId), isNull(customer.erasedAt)))
      .returning();
    if (!row) throw problem("not_found");
    return profileOf(tx, row, actor);
  });
}

async function profileOf(
  db: Database | Transaction,
  row: typeof customer.$inferSelect,
  actor: CustomerActor,
): Promise<ProfileView> {
  const fields = await readFields(db, "customer");
  const customFields = shownToShoppers(fields, withDefaults(fields, row.customFields));
  return {
    id: row.id,
    email: row.email,
    emailVerified: actor.emailVerified,
    name: row.name,
    ...(row.phone === null ? {} : { phone: row.phone }),
    ...(row.company === null ? {} : { company: row.company }),
    acceptsMarketing: row.acceptsMarketing,
    ...(Object.keys(customFields).length > 0 && { customFields }),
    createdAt: toTimestamp(row.createdAt),
  };
}

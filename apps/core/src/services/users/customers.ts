import { type Clock, type CustomerId, type Instant, newId, problem, toTimestamp } from "@stoa/kernel";
import { and, eq, inArray, isNull } from "drizzle-orm";
import { type FieldValues, readFields, shownToShoppers, withDefaults } from "../../platform/custom-fields/index.ts";
import type { Database, Transaction } from "../../platform/db/index.ts";
import type { CustomerActor } from "../../platform/rpc/index.ts";
import { customer, user } from "./tables.ts";

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

/** Makes a customer of whoever signs in at the shop without being one: of staff, who were let in by the dashboard's door or erased what they had. */
export async function ensureShopper(db: Database, now: Instant, userId: string): Promise<void> {
  const customerId = newId("cus");
  const [person] = await db
    .update(user)
    .set({ customerId })
    .where(and(eq(user.id, userId), isNull(user.customerId)))
    .returning({ email: user.email, name: user.name });
  if (person) await ensureCustomer(db, now, { customerId, ...person });
}

/** What customers with an account are called: by that, where sign-in says it as well. `customer.name` is for those without one. */
export async function namesOf(
  db: Database | Transaction,
  customerIds: readonly CustomerId[],
): Promise<ReadonlyMap<string, string>> {
  if (customerIds.length === 0) return new Map();
  const rows = await db
    .select({ customerId: user.customerId, name: user.name })
    .from(user)
    .where(inArray(user.customerId, [...customerIds]));
  return new Map(rows.flatMap(({ customerId, name }) => (customerId === null ? [] : [[customerId, name]])));
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
  const found = await findPerson(deps.db, customerId);
  if (found) return profileOf(deps.db, found, actor);
  // Sign-up may have been cut short before it wrote the customer; one that was erased stays.
  await ensureCustomer(deps.db, deps.clock.now(), { customerId, email, name: email });
  return profileOf(deps.db, await personAt(deps.db, customerId), actor);
}

export type Person = typeof customer.$inferSelect;

/** A customer with the name they go by; undefined when there is none yet. @throws problem `not_found` for one who has been erased. */
async function findPerson(db: Database | Transaction, customerId: CustomerId): Promise<Person | undefined> {
  const [[row], names] = await Promise.all([
    db.select().from(customer).where(eq(customer.id, customerId)),
    namesOf(db, [customerId]),
  ]);
  if (row && row.erasedAt !== null) throw problem("not_found");
  return row && { ...row, name: names.get(customerId) ?? row.name };
}

/** As `findPerson`, of one there is. @throws problem `not_found`. */
export async function personAt(db: Database | Transaction, customerId: CustomerId): Promise<Person> {
  const person = await findPerson(db, customerId);
  if (!person) throw problem("not_found");
  return person;
}

export async function profileOf(db: Database | Transaction, row: Person, actor: CustomerActor): Promise<ProfileView> {
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

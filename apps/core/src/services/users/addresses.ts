import { type AddressId, type Clock, newId, problem } from "@stoa/kernel";
import type { AddressView } from "@stoa/read-models";
import { and, asc, eq, isNull, sql } from "drizzle-orm";
import { type Database, type Transaction, transact } from "../../platform/db/index.ts";
import type { CustomerActor } from "../../platform/rpc/index.ts";
import { ensureCustomer } from "./customers.ts";
import { address, customer } from "./tables.ts";

export const ADDRESSES_MAX = 50;

export interface AddressesDeps {
  readonly db: Database;
  readonly clock: Clock;
}

export interface AddressInput {
  readonly address: AddressView;
  readonly isDefaultShipping?: boolean | undefined;
  readonly isDefaultBilling?: boolean | undefined;
}

export type SavedAddressView = AddressView & {
  readonly id: AddressId;
  readonly isDefaultShipping: boolean;
  readonly isDefaultBilling: boolean;
};

/** The caller's address book, oldest first; at most ADDRESSES_MAX. */
export async function listAddresses(deps: AddressesDeps, actor: CustomerActor): Promise<SavedAddressView[]> {
  const rows = await deps.db
    .select()
    .from(address)
    .where(eq(address.customerId, actor.customerId))
    .orderBy(asc(address.createdAt), asc(address.id))
    .limit(ADDRESSES_MAX);
  return rows.map(viewOf);
}

/** @throws problem `state_conflict` when the book is full, `not_found` for who was erased. */
export async function createAddress(
  deps: AddressesDeps,
  actor: CustomerActor,
  input: AddressInput,
): Promise<SavedAddressView> {
  const now = deps.clock.now();
  const { customerId } = actor;
  await ensureCustomer(deps.db, now, { customerId, email: actor.email, name: actor.email });
  return transact(deps.db, async (tx) => {
    await lockBook(tx, actor);
    const [counted] = await tx
      .select({ total: sql<number>`count(*)::int` })
      .from(address)
      .where(eq(address.customerId, customerId));
    if ((counted?.total ?? 0) >= ADDRESSES_MAX) {
      throw problem("state_conflict", { detail: `An address book holds ${ADDRESSES_MAX} addresses.` });
    }
    await giveUpDefaults(tx, actor, input);
    const [row] = await tx
      .insert(address)
      .values({
        id: newId("adr"),
        customerId,
        address: input.address,
        isDefaultShipping: input.isDefaultShipping ?? false,
        isDefaultBilling: input.isDefaultBilling ?? false,
        createdAt: now,
        updatedAt: now,
      })
      .returning();
    if (!row) throw new Error("the address was not written");
    return viewOf(row);
  });
}

export interface AddressPatch {
  /** Members that are absent or undefined stay as they are. */
  readonly address?: { readonly [K in keyof AddressView]?: AddressView[K] | undefined } | undefined;
  readonly isDefaultShipping?: boolean | undefined;
  readonly isDefaultBilling?: boolean | undefined;
}

/** @throws problem `not_found` when the address is nobody's or another customer's. */
export async function updateAddress(
  deps: AddressesDeps,
  actor: CustomerActor,
  { id, patch }: { readonly id: AddressId; readonly patch: AddressPatch },
): Promise<SavedAddressView> {
  return transact(deps.db, async (tx) => {
    await lockBook(tx, actor);
    await giveUpDefaults(tx, actor, patch);
    const { address: fields, isDefaultShipping, isDefaultBilling } = patch;
    const [row] = await tx
      .update(address)
      .set({
        updatedAt: deps.clock.now(),
        ...(fields ? { address: sql`${address.address} || ${JSON.stringify(fields)}::jsonb` } : {}),
        ...(isDefaultShipping === undefined ? {} : { isDefaultShipping }),
        ...(isDefaultBilling === undefined ? {} : { isDefaultBilling }),
      })
      .where(and(eq(address.id, id), eq(address.customerId, actor.customerId)))
      .returning();
    if (!row) throw problem("not_found");
    return viewOf(row);
  });
}

/** @throws problem `not_found` when the address is nobody's or another customer's. */
export async function deleteAddress(deps: AddressesDeps, actor: CustomerActor, id: AddressId): Promise<void> {
  const deleted = await deps.db
    .delete(address)
    .where(and(eq(address.id, id), eq(address.customerId, actor.customerId)))
    .returning({ id: address.id });
  if (deleted.length === 0) throw problem("not_found");
}

/**
 * Changes of one book follow each other, so that it keeps one default of each kind and its limit. Who was erased has none, although
 * a token of theirs may live some minutes longer. @throws problem `not_found`.
 */
async function lockBook(tx: Transaction, { customerId }: CustomerActor): Promise<void> {
  const living = and(eq(customer.id, customerId), isNull(customer.erasedAt));
  const [owner] = await tx.select({ id: customer.id }).from(customer).where(living).for("update");
  if (!owner) throw problem("not_found");
}

async function giveUpDefaults(
  tx: Transaction,
  actor: CustomerActor,
  wanted: Pick<AddressPatch, "isDefaultShipping" | "isDefaultBilling">,
): Promise<void> {
  if (!wanted.isDefaultShipping && !wanted.isDefaultBilling) return;
  await tx
    .update(address)
    .set({
      ...(wanted.isDefaultShipping ? { isDefaultShipping: false } : {}),
      ...(wanted.isDefaultBilling ? { isDefaultBilling: false } : {}),
    })
    .where(eq(address.customerId, actor.customerId));
}

function viewOf(row: typeof address.$inferSelect): SavedAddressView {
  const { id, isDefaultShipping, isDefaultBilling } = row;
  return { ...row.address, id, isDefaultShipping, isDefaultBilling };
}

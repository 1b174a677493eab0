import {
  type CustomerId,
  cursorKeys,
  cutPage,
  type Instant,
  idSchema,
  type Page,
  problem,
  toTimestamp,
} from "@stoa/kernel";
import { and, asc, eq, gt, inArray, isNull, sql } from "drizzle-orm";
import { z } from "zod";
import type { Database, Transaction } from "../../platform/db/index.ts";
import { namesOf } from "./customers.ts";
import { customer, customerGroup, customerGroupMember } from "./tables.ts";

/** More groups than any shop sorts its customers into. */
const GROUPS_MAX = 500;
/** Changes of groups follow each other, so that two at once do not both make the last one. */
const GROUPS_LOCK = 7_205_033;
export const MEMBERS_PER_CALL_MAX = 500;

export const groupCode = z.string().regex(/^[a-z0-9-]{1,40}$/, "lower-case letters, digits and hyphens");
export const groupInput = z.strictObject({ code: groupCode, name: z.string().trim().min(1).max(100) });
export type GroupInput = z.output<typeof groupInput>;

export interface GroupView extends GroupInput {
  readonly members: number;
}

interface GroupsContext {
  readonly tx: Transaction;
  readonly now: Instant;
}

/** All groups by code, with how many customers belong to each. */
export async function listGroups(db: Database | Transaction): Promise<GroupView[]> {
  return db
    .select({
      code: customerGroup.code,
      name: customerGroup.name,
      members: sql<number>`(select count(*)::int from ${customerGroupMember} m where m.group_code = ${customerGroup.code})`,
    })
    .from(customerGroup)
    .orderBy(asc(customerGroup.code))
    .limit(GROUPS_MAX);
}

/**
 * Creates a group or gives it another name. Answers what it was called before, or null for a new one.
 * @throws problem `state_conflict` for one more than there can be.
 */
export async function saveGroup({ tx, now }: GroupsContext, { code, name }: GroupInput): Promise<string | null> {
  await tx.execute(sql`select pg_advisory_xact_lock(${GROUPS_LOCK})`);
  const [before] = await tx
    .select({ name: customerGroup.name })
    .from(customerGroup)
    .where(eq(customerGroup.code, code));
  await tx
    .insert(customerGroup)
    .values({ code, name, createdAt: now, updatedAt: now })
    .onConflictDoUpdate({ target: customerGroup.code, set: { name, updatedAt: now } });
  if (before) return before.name;
  if ((await tx.$count(customerGroup)) > GROUPS_MAX) {
    throw problem("state_conflict", { detail: `A shop has at most ${GROUPS_MAX} groups.` });
  }
  return null;
}

/** Takes a group away with its memberships; prices and promotions that name it hold for nobody then. @throws problem `not_found`. */
export async function deleteGroup({ tx }: GroupsContext, code: string): Promise<GroupInput> {
  const [removed] = await tx.delete(customerGroup).where(eq(customerGroup.code, code)).returning();
  if (!removed) throw problem("not_found");
  return { code: removed.code, name: removed.name };
}

export interface GroupMembers {
  readonly code: string;
  readonly customerIds: readonly CustomerId[];
}

/**
 * Puts customers into a group; those in it already stay. Answers who is new to it.
 * @throws problem `not_found` for a group that is none, `validation_failed` for a customer who is none or has been erased.
 */
export async function addToGroup({ tx, now }: GroupsContext, input: GroupMembers): Promise<CustomerId[]> {
  const { code } = input;
  const customerIds = [...new Set(input.customerIds)];
  const [group] = await tx.select().from(customerGroup).where(eq(customerGroup.code, code)).for("key share");
  if (!group) throw problem("not_found");
  const known = await tx
    .select({ id: customer.id })
    .from(customer)
    .where(and(inArray(customer.id, customerIds), isNull(customer.erasedAt)))
    .for("share");
  if (known.length < customerIds.length) {
    throw problem("validation_failed", { errors: [{ path: "customerIds", message: "names a customer who is none" }] });
  }
  const added = await tx
    .insert(customerGroupMember)
    .values(customerIds.map((customerId) => ({ groupCode: code, customerId, addedAt: now })))
    .onConflictDoNothing()
    .returning({ customerId: customerGroupMember.customerId });
  return added.map((row) => row.customerId);
}

/** The opposite. Answers who was in it. */
export async function removeFromGroup({ tx }: GroupsContext, input: GroupMembers): Promise<CustomerId[]> {
  const { code, customerIds } = input;
  const removed = await tx
    .delete(customerGroupMember)
    .where(and(eq(customerGroupMember.groupCode, code), inArray(customerGroupMember.customerId, [...customerIds])))
    .returning({ customerId: customerGroupMember.customerId });
  return removed.map((row) => row.customerId);
}

/** Codes of the groups a customer belongs to. */
export async function groupsOf(db: Database | Transaction, customerId: CustomerId): Promise<string[]> {
  const rows = await db
    .select({ code: customerGroupMember.groupCode })
    .from(customerGroupMember)
    .where(eq(customerGroupMember.customerId, customerId))
    .orderBy(asc(customerGroupMember.groupCode));
  return rows.map((row) => row.code);
}

export interface MemberView {
  readonly customerId: CustomerId;
  readonly email: string;
  readonly name: string;
  readonly addedAt: string;
}

/** Who belongs to a group. @throws problem `validation_failed` for a cursor that is none of ours. */
export async function listMembers(
  db: Database,
  { code, limit, cursor }: { readonly code: string; readonly limit: number; readonly cursor?: string | undefined },
): Promise<Page<MemberView>> {
  const after =
    cursor === undefined
      ? undefined
      : gt(customerGroupMember.customerId, cursorKeys(cursor, z.tuple([idSchema("cus")]))[0]);
  const inGroup = eq(customerGroupMember.groupCode, code);
  const [rows, [counted]] = await Promise.all([
    db
      .select({ customerId: customer.id, email: customer.email, name: customer.name, at: customerGroupMember.addedAt })
      .from(customerGroupMember)
      .innerJoin(customer, eq(customer.id, customerGroupMember.customerId))
      .where(and(inGroup, after))
      .orderBy(asc(customerGroupMember.customerId))
      .limit(limit + 1),
    db.select({ total: sql<number>`count(*)::int` }).from(customerGroupMember).where(inGroup),
  ]);
  const { shown, nextCursor } = cutPage(rows, limit, ({ customerId }) => [customerId]);
  const names = await namesOf(
    db,
    shown.map(({ customerId }) => customerId),
  );
  const items = shown.map(({ at, name, ...row }) => {
    return { ...row, name: names.get(row.customerId) ?? name, addedAt: toTimestamp(at) };
  });
  return { items, nextCursor, total: counted?.total ?? 0 };
}

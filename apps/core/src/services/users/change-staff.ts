import { type Instant, problem, type StaffId } from "@stoa/kernel";
import { and, eq, inArray, ne, sql } from "drizzle-orm";
import type { Transaction } from "../../platform/db/index.ts";
import { enqueue } from "../../platform/outbox/index.ts";
import type { Actor, StaffActor } from "../../platform/rpc/index.ts";
import { type EndedSessions, endSessions } from "./end-sessions.ts";
import { secondFactorReset } from "./messages.ts";
import { rightsOf } from "./roles.ts";
import { passkey, staffMember, staffMemberRole, staffRole, staffTwoFactor, user } from "./tables.ts";

export interface StaffContext {
  readonly tx: Transaction;
  readonly now: Instant;
}

/** Changes of who runs the shop follow each other, so that two of them cannot both take the last owner away. */
const STAFF_LOCK = 7_205_032;

/**
 * Gives a member of staff these roles and no others. Answers those held before.
 * @throws problem `not_found`, `validation_failed` for a role that is none, `forbidden` for rights that the actor lacks and a colleague
 * who has more, `state_conflict` when nobody were left who may change staff.
 */
export async function setStaffRoles(
  { tx, now }: StaffContext,
  actor: StaffActor,
  { id, roles }: { readonly id: StaffId; readonly roles: readonly string[] },
): Promise<readonly string[]> {
  await lockStaff(tx);
  await assertMayGrant(tx, actor, roles);
  await assertMayChange(tx, actor, id);
  const [member] = await tx.update(staffMember).set({ updatedAt: now }).where(eq(staffMember.id, id)).returning();
  if (!member) throw problem("not_found");
  const before = await tx.delete(staffMemberRole).where(eq(staffMemberRole.staffId, id)).returning();
  await tx.insert(staffMemberRole).values([...new Set(roles)].map((role) => ({ staffId: id, role })));
  await assertSomebodyMayChangeStaff(tx);
  return before.map((row) => row.role).sort();
}

/** @throws problem `validation_failed` for a role that is none, `forbidden` for rights that the actor lacks. */
export async function assertMayGrant(tx: Transaction, actor: StaffActor, roles: readonly string[]): Promise<void> {
  const known = await tx
    .select({ role: staffRole.name, rights: staffRole.rights })
    .from(staffRole)
    .where(inArray(staffRole.name, [...roles]));
  if (known.length < new Set(roles).size) {
    throw problem("validation_failed", { errors: [{ path: "roles", message: "no such role" }] });
  }
  const missing = rightsOf(known).find((right) => !actor.rights.has(right));
  if (missing) throw problem("forbidden", { detail: `needs the right ${missing} to give it to somebody` });
}

/** Who could change a colleague who may do more than they could keep out every owner. @throws problem `forbidden`. */
async function assertMayChange(tx: Transaction, actor: Actor, id: StaffId): Promise<void> {
  if (actor.kind !== "staff") return;
  const held = await tx
    .select({ role: staffRole.name, rights: staffRole.rights })
    .from(staffMemberRole)
    .innerJoin(staffRole, eq(staffRole.name, staffMemberRole.role))
    .where(eq(staffMemberRole.staffId, id));
  const missing = rightsOf(held).find((right) => !actor.rights.has(right));
  if (missing) throw problem("forbidden", { detail: `needs the right ${missing} to change somebody who has it` });
}

/**
 * Keeps somebody out, or lets them in again. Who is suspended is signed out everywhere.
 * @throws problem `not_found` for none, or one who is in that state already; `forbidden` for a colleague who may do more than the
 * actor; `state_conflict` for the last who may change staff.
 */
export async function setStaffState(
  { tx, now }: StaffContext,
  actor: StaffActor,
  { id, state }: { readonly id: StaffId; readonly state: "active" | "suspended" },
): Promise<EndedSessions | null> {
  await lockStaff(tx);
  await assertMayChange(tx, actor, id);
  const [member] = await tx
    .update(staffMember)
    .set({ state, updatedAt: now })
    .where(and(eq(staffMember.id, id), ne(staffMember.state, state)))
    .returning();
  if (!member) throw problem("not_found");
  if (state === "active") return null;
  await assertSomebodyMayChangeStaff(tx);
  return endSessions(tx, member.userId);
}

/**
 * Takes somebody's second factors away, e.g. with a lost device, signs them out everywhere and writes to them.
 * @throws problem `not_found`, `forbidden` for a colleague who may do more than the actor.
 */
export async function resetSecondFactor({ tx, now }: StaffContext, actor: Actor, id: StaffId): Promise<EndedSessions> {
  await lockStaff(tx);
  await assertMayChange(tx, actor, id);
  const [member] = await tx.select().from(staffMember).where(eq(staffMember.id, id)).for("update");
  if (!member) throw problem("not_found");
  const { userId } = member;
  await tx.delete(staffTwoFactor).where(eq(staffTwoFactor.userId, userId));
  await tx.delete(passkey).where(eq(passkey.userId, userId));
  await tx.update(user).set({ staffTwoFactorEnabled: false }).where(eq(user.id, userId));
  await enqueue(tx, now, [secondFactorReset.of(id, { userId })]);
  return endSessions(tx, userId);
}

async function lockStaff(tx: Transaction): Promise<void> {
  await tx.execute(sql`select pg_advisory_xact_lock(${STAFF_LOCK})`);
}

async function assertSomebodyMayChangeStaff(tx: Transaction): Promise<void> {
  const [left] = await tx
    .select({ id: staffMember.id })
    .from(staffMember)
    .innerJoin(staffMemberRole, eq(staffMemberRole.staffId, staffMember.id))
    .innerJoin(staffRole, eq(staffRole.name, staffMemberRole.role))
    .where(and(eq(staffMember.state, "active"), sql`'staff:write' = any(${staffRole.rights})`))
    .limit(1);
  if (!left) throw problem("state_conflict", { detail: "Somebody has to be left who may change staff." });
}

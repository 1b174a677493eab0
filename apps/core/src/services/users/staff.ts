import { type Clock, newId, problem, type StaffId } from "@stoa/kernel";
import { and, eq, inArray } from "drizzle-orm";
import type { Redis } from "ioredis";
import { z } from "zod";
import { recordAudit } from "../../platform/audit/index.ts";
import { type Database, isUniqueViolation, type Transaction, transact } from "../../platform/db/index.ts";
import type { Actor, StaffActor } from "../../platform/rpc/index.ts";
import { type EndedSessions, endSessions, forgetSessions } from "./end-sessions.ts";
import { defaultRoles, rightsOf } from "./roles.ts";
import { isTooWeak } from "./second-factor.ts";
import { PASSWORD_LENGTH_MAX, PASSWORD_LENGTH_MIN } from "./shop-auth.ts";
import type { StaffAuth } from "./staff-auth.ts";
import { account, session, staffMember, staffMemberRole, staffRole, user } from "./tables.ts";
import { dropSecondFactor } from "./take-account-back.ts";

export interface StaffDeps {
  readonly db: Database;
  readonly clock: Clock;
  readonly staffAuth: StaffAuth;
}

export const newStaffSchema = z.strictObject({
  name: z.string().trim().min(1).max(100),
  email: z.email().max(254).toLowerCase(),
  password: z.string().min(PASSWORD_LENGTH_MIN).max(PASSWORD_LENGTH_MAX),
  roles: z.array(z.string().min(1).max(50)).min(1).max(10),
});
export type NewStaff = z.output<typeof newStaffSchema>;

export interface AddStaffDeps extends StaffDeps {
  readonly redis: Redis;
}

/**
 * Lets a person into the dashboard. A shopper who has confirmed this e-mail keeps their password and becomes staff too.
 * @throws problem `validation_failed` for a role that does not exist, `state_conflict` when the person is staff already.
 */
export async function addStaff(deps: AddStaffDeps, input: NewStaff, actor: Actor): Promise<StaffId> {
  const { password } = await deps.staffAuth.$context;
  const hash = await password.hash(input.password);
  const now = deps.clock.now();
  try {
    const { id, ended } = await transact(deps.db, async (tx) => {
      await ensureRoles(tx, deps.clock);
      const roles = await tx.select().from(staffRole).where(inArray(staffRole.name, input.roles));
      if (roles.length < new Set(input.roles).size) {
        throw problem("validation_failed", { errors: [{ path: "roles", message: "no such role" }] });
      }
      const { userId, ended } = await findOrCreateUser(tx, input, hash);
      const id = newId("stf");
      const { name, email } = input;
      await tx.insert(staffMember).values({ id, userId, name, email, createdAt: now, updatedAt: now });
      await tx.insert(staffMemberRole).values(roles.map((role) => ({ staffId: id, role: role.name })));
      const after = { name, email, roles: input.roles };
      await recordAudit(tx, { at: now, actor, action: "staff.added", entity: "staff", entityId: id, after });
      return { id, ended };
    });
    if (ended) await forgetSessions(deps.redis, ended);
    return id;
  } catch (error) {
    if (isUniqueViolation(error, "staff_member_user_unique")) {
      throw problem("state_conflict", { detail: `${input.email} is a member of staff already` });
    }
    throw error;
  }
}

interface FoundUser {
  readonly userId: string;
  /** Of somebody else, who had registered with the address. */
  readonly ended: EndedSessions | null;
}

async function findOrCreateUser(tx: Transaction, input: NewStaff, hash: string): Promise<FoundUser> {
  const [known] = await tx.select().from(user).where(eq(user.email, input.email)).for("update");
  if (known?.emailVerified) return { userId: known.id, ended: null };
  const userId = known?.id ?? crypto.randomUUID();
  let ended: EndedSessions | null = null;
  if (known) {
    // Anybody may have registered with this address: who did so without confirming it must not become staff by it.
    await tx.delete(account).where(eq(account.userId, userId));
    await dropSecondFactor(tx, userId);
    ended = await endSessions(tx, userId);
    await tx.update(user).set({ emailVerified: true }).where(eq(user.id, userId));
  } else {
    await tx.insert(user).values({ id: userId, name: input.name, email: input.email, emailVerified: true });
  }
  await tx
    .insert(account)
    .values({ id: crypto.randomUUID(), accountId: userId, providerId: "credential", userId, password: hash });
  return { userId, ended };
}

async function ensureRoles(tx: Transaction, clock: Clock): Promise<void> {
  const rows = Object.entries(defaultRoles).map(([name, held]) => ({
    name,
    rights: [...held],
    createdAt: clock.now(),
  }));
  await tx.insert(staffRole).values(rows).onConflictDoNothing();
}

/**
 * The member of staff behind the dashboard's session cookie; null for everybody else, and for the suspended. Whether the session
 * still stands is asked of Postgres: a copy in Redis may have outlived it.
 * @throws problem `second_factor_required` when the session rests on a password alone and that is not enough.
 */
export async function findStaff(deps: StaffDeps, headers: Headers): Promise<StaffActor | null> {
  if (!headers.get("cookie")?.includes("stoa-staff")) return null;
  const found = await deps.staffAuth.api.getSession({ headers });
  if (!found) return null;
  const rows = await deps.db
    .select({
      id: staffMember.id,
      name: staffMember.name,
      email: staffMember.email,
      role: staffRole.name,
      rights: staffRole.rights,
      secondFactor: session.secondFactor,
    })
    .from(staffMember)
    .innerJoin(session, and(eq(session.userId, staffMember.userId), eq(session.token, found.session.token)))
    .leftJoin(staffMemberRole, eq(staffMemberRole.staffId, staffMember.id))
    .leftJoin(staffRole, eq(staffRole.name, staffMemberRole.role))
    .where(and(eq(staffMember.userId, found.user.id), eq(staffMember.state, "active")));
  const [member] = rows;
  if (!member) return null;
  const userId = found.user.id;
  if (await isTooWeak(deps, { userId, secondFactor: member.secondFactor })) throw problem("second_factor_required");
  return {
    kind: "staff",
    staffId: member.id,
    userId,
    name: member.name,
    email: member.email,
    roles: rows.flatMap((row) => row.role ?? []),
    rights: new Set(rightsOf(rows)),
  };
}

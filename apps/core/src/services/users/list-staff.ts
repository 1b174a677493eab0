import { type StaffId, toTimestamp } from "@stoa/kernel";
import { asc, eq, sql } from "drizzle-orm";
import type { Database } from "../../platform/db/index.ts";
import { rightsOf } from "./roles.ts";
import { passkey, staffMember, staffMemberRole, staffRole, user } from "./tables.ts";

const STAFF_MAX = 1_000;
const ROLES_MAX = 100;

export interface StaffView {
  readonly id: StaffId;
  readonly name: string;
  readonly email: string;
  readonly state: "active" | "suspended";
  readonly roles: readonly string[];
  readonly hasTotp: boolean;
  readonly passkeys: number;
  readonly createdAt: string;
}

/** The people who run the shop, by name, and the roles they can be given. */
export async function listStaff(db: Database) {
  const rows = await db
    .select({
      id: staffMember.id,
      name: staffMember.name,
      email: staffMember.email,
      state: staffMember.state,
      roles: sql<string[]>`array(select role from ${staffMemberRole} where staff_id = ${staffMember.id} order by role)`,
      hasTotp: user.staffTwoFactorEnabled,
      passkeys: sql<number>`(select count(*)::int from ${passkey} p where p.user_id = ${user.id})`,
      createdAt: staffMember.createdAt,
    })
    .from(staffMember)
    .innerJoin(user, eq(user.id, staffMember.userId))
    .orderBy(asc(staffMember.name), asc(staffMember.id))
    .limit(STAFF_MAX);
  const roles = await db
    .select({ name: staffRole.name, rights: staffRole.rights })
    .from(staffRole)
    .orderBy(asc(staffRole.name))
    .limit(ROLES_MAX);
  const items: StaffView[] = rows.map((row) => ({ ...row, createdAt: toTimestamp(row.createdAt) }));
  return { items, roles: roles.map(({ name, rights }) => ({ name, rights: rightsOf([{ role: name, rights }]) })) };
}

import { type Clock, problem } from "@stoa/kernel";
import { eq } from "drizzle-orm";
import type { Redis } from "ioredis";
import { recordAudit } from "../../platform/audit/index.ts";
import { type Database, transact } from "../../platform/db/index.ts";
import type { Actor } from "../../platform/rpc/index.ts";
import { resetSecondFactor } from "./change-staff.ts";
import { forgetSessions } from "./end-sessions.ts";
import { staffMember } from "./tables.ts";

/** What `resetSecondFactor` does, by e-mail and from the command line: for a shop whose only owner has lost their device. */
export async function recoverStaff(
  { db, redis, clock }: { readonly db: Database; readonly redis: Redis; readonly clock: Clock },
  email: string,
  actor: Actor,
): Promise<void> {
  const now = clock.now();
  const ended = await transact(db, async (tx) => {
    const [member] = await tx.select({ id: staffMember.id }).from(staffMember).where(eq(staffMember.email, email));
    if (!member) throw problem("not_found", { detail: `${email} is no member of staff` });
    const answer = await resetSecondFactor({ tx, now }, actor, member.id);
    const entry = { action: "staff.second_factor_reset", entity: "staff", entityId: member.id };
    await recordAudit(tx, { at: now, actor, ...entry });
    return answer;
  });
  await forgetSessions(redis, ended);
}

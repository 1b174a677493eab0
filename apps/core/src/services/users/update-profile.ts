import { problem } from "@stoa/kernel";
import { and, eq, isNull, sql } from "drizzle-orm";
import { z } from "zod";
import { fieldPatchSchema } from "../../platform/custom-fields/index.ts";
import { transact } from "../../platform/db/index.ts";
import type { CustomerActor } from "../../platform/rpc/index.ts";
import { saveCustomerFields } from "./customer-fields.ts";
import { type CustomersDeps, type ProfileView, personAt, profileOf } from "./customers.ts";
import type { ShopAuth } from "./shop-auth.ts";
import { customer, user } from "./tables.ts";

export interface UpdateProfileDeps extends CustomersDeps {
  readonly shopAuth: ShopAuth;
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

/** Changes what is given. A name is the account's, and so its sessions say it at once. @throws problem `not_found`, `validation_failed`. */
export async function updateProfile(
  deps: UpdateProfileDeps,
  actor: CustomerActor,
  { customFields: values, name, ...patch }: ProfilePatch,
): Promise<ProfileView> {
  const { customerId, userId } = actor;
  const now = deps.clock.now();
  const given = Object.fromEntries(Object.entries(patch).filter(([, value]) => value !== undefined));
  const profile = await transact(deps.db, async (tx) => {
    if (values) await saveCustomerFields({ tx, now }, { customerId, values, by: "shopper" });
    const changed = await tx
      .update(customer)
      .set({ ...given, updatedAt: now, version: sql`${customer.version} + 1` })
      .where(and(eq(customer.id, customerId), isNull(customer.erasedAt)))
      .returning({ id: customer.id });
    if (changed.length === 0) throw problem("not_found");
    if (name !== undefined) {
      await tx
        .update(user)
        .set({ name, updatedAt: new Date(now) })
        .where(eq(user.customerId, customerId));
    }
    return profileOf(tx, await personAt(tx, customerId), actor);
  });
  if (name !== undefined) await refreshSessions(deps, userId);
  return profile;
}

/** Brings what an account says into the copies of its sessions, as better-auth does when it changes the account itself. */
async function refreshSessions({ shopAuth }: Pick<UpdateProfileDeps, "shopAuth">, userId: string): Promise<void> {
  const { internalAdapter } = await shopAuth.$context;
  const account = await internalAdapter.findUserById(userId);
  if (account) await internalAdapter.refreshUserSessions(account);
}

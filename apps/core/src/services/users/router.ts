import { idSchema } from "@stoa/kernel";
import { addressViewSchema } from "@stoa/read-models";
import { z } from "zod";
import type { TargetsDeps } from "../../platform/custom-fields/index.ts";
import { anyStaffProcedure, customerProcedure, router, shopProcedure } from "../../platform/rpc/index.ts";
import { createAddress, deleteAddress, listAddresses, updateAddress } from "./addresses.ts";
import { createApiKeysRouter } from "./api-keys-router.ts";
import { type CustomersDeps, readProfile } from "./customers.ts";
import { createCustomerFieldsRouter } from "./fields-router.ts";
import { type FindSessionDeps, findSession } from "./find-session.ts";
import { createGroupsRouter } from "./groups-router.ts";
import { createStaffRouter, type StaffRouterDeps } from "./staff-router.ts";
import { profilePatchSchema, updateProfile } from "./update-profile.ts";

export type UsersDeps = CustomersDeps & FindSessionDeps & StaffRouterDeps & TargetsDeps;

const addressSchema = z.strictObject(addressViewSchema.shape);
const defaults = { isDefaultShipping: z.boolean().optional(), isDefaultBilling: z.boolean().optional() };
const addressId = idSchema("adr");

/** For edge: sessions, profiles and address books of shoppers. For the dashboard: who am I. */
export function createUsersRouter(deps: UsersDeps) {
  return router({
    session: shopProcedure
      .input(z.strictObject({ token: z.string().min(1).max(200) }))
      .query(({ input }) => findSession(deps, input.token)),
    me: customerProcedure.query(({ ctx }) => readProfile(deps, ctx.actor)),
    updateMe: customerProcedure
      .input(profilePatchSchema)
      .mutation(({ ctx, input }) => updateProfile(deps, ctx.actor, input)),
    addresses: router({
      list: customerProcedure.query(async ({ ctx }) => ({ items: await listAddresses(deps, ctx.actor) })),
      create: customerProcedure
        .input(z.strictObject({ address: addressSchema, ...defaults }))
        .mutation(({ ctx, input }) => createAddress(deps, ctx.actor, input)),
      update: customerProcedure
        .input(z.strictObject({ id: addressId, address: addressSchema.partial().optional(), ...defaults }))
        .mutation(({ ctx, input: { id, ...patch } }) => updateAddress(deps, ctx.actor, { id, patch })),
      delete: customerProcedure
        .input(z.strictObject({ id: addressId }))
        .mutation(({ ctx, input }) => deleteAddress(deps, ctx.actor, input.id)),
    }),
    fields: createCustomerFieldsRouter(deps),
    groups: createGroupsRouter(deps),
    apiKeys: createApiKeysRouter(deps),
    staff: createStaffRouter(deps),
    staffMe: anyStaffProcedure.query(({ ctx: { actor } }) => ({
      id: actor.staffId,
      name: actor.name,
      email: actor.email,
      roles: actor.roles,
      rights: [...actor.rights],
    })),
  });
}

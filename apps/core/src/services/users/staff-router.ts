import { type Clock, idSchema } from "@stoa/kernel";
import type { Redis } from "ioredis";
import { z } from "zod";
import { auditing } from "../../platform/audit/index.ts";
import { type Database, transact } from "../../platform/db/index.ts";
import { router, staffProcedure } from "../../platform/rpc/index.ts";
import { settingRouter } from "../../platform/settings/index.ts";
import { assertMayGrant, resetSecondFactor, setStaffRoles, setStaffState } from "./change-staff.ts";
import { forgetSessions } from "./end-sessions.ts";
import { listStaff } from "./list-staff.ts";
import { rotateJwtKeys } from "./rotate-jwt-keys.ts";
import { staffSecuritySetting } from "./second-factor.ts";
import { addStaff, newStaffSchema } from "./staff.ts";
import type { StaffAuth } from "./staff-auth.ts";

export interface StaffRouterDeps {
  readonly db: Database;
  readonly clock: Clock;
  readonly redis: Redis;
  readonly staffAuth: StaffAuth;
}

const entity = "staff";
const one = z.strictObject({ id: idSchema("stf") });

/** For the dashboard: who runs the shop, what they may do, and how they have to sign in. */
export function createStaffRouter(deps: StaffRouterDeps) {
  const read = staffProcedure("staff:read");
  const write = staffProcedure("staff:write");
  const audited = auditing(deps);
  return router({
    list: read.query(() => listStaff(deps.db)),
    add: write.input(newStaffSchema).mutation(async ({ ctx, input }) => {
      await transact(deps.db, (tx) => assertMayGrant(tx, ctx.actor, input.roles));
      return { id: await addStaff(deps, input, ctx.actor) };
    }),
    setRoles: write
      .input(z.strictObject({ ...one.shape, roles: newStaffSchema.shape.roles }))
      .mutation(({ ctx, input }) =>
        audited(ctx, async (context) => {
          const before = { roles: await setStaffRoles(context, ctx.actor, input) };
          const after = { roles: input.roles };
          return { entity, action: "staff.roles_set", entityId: input.id, before, after, answer: undefined };
        }),
      ),
    setState: write
      .input(z.strictObject({ ...one.shape, state: z.enum(["active", "suspended"]) }))
      .mutation(async ({ ctx, input }) => {
        const ended = await audited(ctx, async (context) => {
          const answer = await setStaffState(context, ctx.actor, input);
          const action = input.state === "active" ? "staff.reinstated" : "staff.suspended";
          return { entity, action, entityId: input.id, answer };
        });
        if (ended) await forgetSessions(deps.redis, ended);
      }),
    resetSecondFactor: write.input(one).mutation(async ({ ctx, input: { id } }) => {
      const ended = await audited(ctx, async (context) => {
        const answer = await resetSecondFactor(context, ctx.actor, id);
        return { entity, action: "staff.second_factor_reset", entityId: id, answer };
      });
      await forgetSessions(deps.redis, ended);
    }),
    /** For the day on which a key may have been seen: what it has signed is good for five minutes more. */
    rotateJwtKeys: staffProcedure("system:write").mutation(({ ctx }) =>
      audited(ctx, async (context) => {
        const ended = await rotateJwtKeys(context);
        return {
          entity: "jwt_keys",
          action: "jwt_keys.rotated",
          entityId: "jwt_keys",
          after: { ended },
          answer: undefined,
        };
      }),
    ),
    security: settingRouter(deps.db, staffSecuritySetting, { rights: { get: "staff:read", save: "staff:write" } }),
  });
}

import { type Clock, idSchema, pageQuerySchema } from "@stoa/kernel";
import { z } from "zod";
import { auditing } from "../../platform/audit/index.ts";
import type { Database } from "../../platform/db/index.ts";
import { router, staffProcedure } from "../../platform/rpc/index.ts";
import {
  addToGroup,
  deleteGroup,
  groupCode,
  groupInput,
  listGroups,
  listMembers,
  MEMBERS_PER_CALL_MAX,
  removeFromGroup,
  saveGroup,
} from "./groups.ts";

export interface GroupsDeps {
  readonly db: Database;
  readonly clock: Clock;
}

const entity = "customer_group";

const membership = z.strictObject({
  code: groupCode,
  customerIds: z.array(idSchema("cus")).min(1).max(MEMBERS_PER_CALL_MAX),
});

/** For the dashboard: groups of customers, by which prices and promotions tell buyers apart, and who belongs to them. */
export function createGroupsRouter(deps: GroupsDeps) {
  const read = staffProcedure("customers:read");
  const write = staffProcedure("customers:write");
  const audited = auditing(deps);
  return router({
    list: read.query(async () => ({ items: await listGroups(deps.db) })),
    members: read
      .input(z.strictObject({ ...pageQuerySchema.shape, code: groupCode }))
      .query(({ input }) => listMembers(deps.db, input)),
    save: write.input(groupInput).mutation(({ ctx, input }) =>
      audited(ctx, async (context) => {
        const name = await saveGroup(context, input);
        const before = name === null ? null : { ...input, name };
        return { entity, action: "customer_group.saved", entityId: input.code, before, after: input, answer: input };
      }),
    ),
    delete: write.input(z.strictObject({ code: groupCode })).mutation(({ ctx, input }) =>
      audited(ctx, async (context) => {
        const before = await deleteGroup(context, input.code);
        return { entity, action: "customer_group.deleted", entityId: input.code, before, answer: undefined };
      }),
    ),
    addMembers: write.input(membership).mutation(({ ctx, input }) =>
      audited(ctx, async (context) => {
        const added = await addToGroup(context, input);
        return {
          entity,
          action: "customer_group.members_added",
          entityId: input.code,
          after: { added },
          answer: { added },
        };
      }),
    ),
    removeMembers: write.input(membership).mutation(({ ctx, input }) =>
      audited(ctx, async (context) => {
        const removed = await removeFromGroup(context, input);
        const before = { removed };
        return { entity, action: "customer_group.members_removed", entityId: input.code, before, answer: { removed } };
      }),
    ),
  });
}

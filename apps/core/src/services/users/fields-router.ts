import { idSchema } from "@stoa/kernel";
import { z } from "zod";
import { auditing } from "../../platform/audit/index.ts";
import { fieldPatchSchema, type TargetsDeps } from "../../platform/custom-fields/index.ts";
import { router, staffProcedure } from "../../platform/rpc/index.ts";
import { customerFieldsOf, saveCustomerFields } from "./customer-fields.ts";
import type { CustomersDeps } from "./customers.ts";

const customerId = idSchema("cus");

/** For the dashboard: what the shop's own fields say of a customer. */
export function createCustomerFieldsRouter(deps: CustomersDeps & TargetsDeps) {
  const audited = auditing(deps);
  return router({
    get: staffProcedure("customers:read")
      .input(z.strictObject({ customerId }))
      .query(({ input }) => customerFieldsOf(deps.db, input.customerId)),
    save: staffProcedure("customers:write")
      .input(z.strictObject({ customerId, values: fieldPatchSchema }))
      .mutation(({ ctx, input }) =>
        audited(ctx, async (context) => {
          const answer = await saveCustomerFields(context, {
            ...input,
            by: { kind: "staff", findTargets: deps.findTargets },
          });
          const entry = { action: "customer.fields_saved", entity: "customer", entityId: input.customerId };
          // The chain cannot be erased, so it names the fields and not what a person says in them.
          return { ...entry, after: { keys: Object.keys(input.values) }, answer };
        }),
      ),
  });
}

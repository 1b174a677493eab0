import { idSchema } from "@stoa/kernel";
import { z } from "zod";
import { auditing } from "../../platform/audit/index.ts";
import { fieldPatchSchema, type TargetsDeps } from "../../platform/custom-fields/index.ts";
import { router, staffProcedure } from "../../platform/rpc/index.ts";
import { customerFieldsOf, saveCustomerFields } from "./customer-fields.ts";
import type { CustomersDeps } from "./customers.ts";

const one = z.strictObject({ id: idSchema("cus") });

/** For the dashboard: what the shop's own fields say of a customer. */
export function createCustomerFieldsRouter(deps: CustomersDeps & TargetsDeps) {
  const audited = auditing(deps);
  return router({
    get: staffProcedure("customers:read")
      .input(one)
      .query(({ input }) => customerFieldsOf(deps.db, input.id)),
    save: staffProcedure("customers:write")
      .input(one.extend({ values: fieldPatchSchema }))
      .mutation(({ ctx, input: { id, values } }) =>
        audited(ctx, async (context) => {
          const answer = await saveCustomerFields(context, {
            ...{ customerId: id, values },
            by: { kind: "staff", findTargets: deps.findTargets },
          });
          const entry = { action: "customer.fields_saved", entity: "customer", entityId: id };
          // The chain cannot be erased, so it names the fields and not what a person says in them.
          return { ...entry, after: { keys: Object.keys(values) }, answer };
        }),
      ),
  });
}

import { idSchema } from "@stoa/kernel";
import { z } from "zod";
import { recordAudit } from "../../platform/audit/index.ts";
import { type FieldValues, fieldPatchSchema, type TargetsDeps } from "../../platform/custom-fields/index.ts";
import { transact } from "../../platform/db/index.ts";
import { type RpcContext, router, type StaffActor, staffProcedure } from "../../platform/rpc/index.ts";
import type { ActContext, OrdersDeps } from "./deps.ts";
import { lineFieldsOf, saveLineFields } from "./line-fields.ts";
import { orderFieldsOf, saveOrderFields } from "./order-fields.ts";
import { returnFieldsOf, saveReturnFields } from "./return-fields.ts";

const ofOrder = z.strictObject({ id: idSchema("ord") });
const ofReturn = z.strictObject({ id: idSchema("ret") });
const values = fieldPatchSchema;
const position = z.int().min(0).max(10_000);

type FieldsDeps = Pick<OrdersDeps, "db" | "clock"> & TargetsDeps;

/** For the dashboard: what the shop's own fields say of orders, of their lines, and of returns. */
export function createOrderFieldsRouter(deps: FieldsDeps) {
  const canRead = staffProcedure("orders:read");
  const canWrite = staffProcedure("orders:write");
  return router({
    get: canRead.input(ofOrder).query(({ input }) => orderFieldsOf(deps.db, input.id)),
    save: canWrite.input(ofOrder.extend({ values })).mutation(({ ctx, input: { id, ...input } }) =>
      saved(deps, ctx, {
        ...{ action: "order.fields_saved", entity: "order", entityId: id, keys: Object.keys(input.values) },
        work: (context) => saveOrderFields(context, { ...input, orderId: id }),
      }),
    ),
    /** Of each line, by its position in the order. */
    lines: canRead.input(ofOrder).query(async ({ input }) => ({ items: await lineFieldsOf(deps.db, input.id) })),
    saveLine: canWrite.input(ofOrder.extend({ position, values })).mutation(({ ctx, input: { id, ...input } }) =>
      saved(deps, ctx, {
        ...{ action: "order.line_fields_saved", entity: "order", entityId: id },
        ...{ keys: Object.keys(input.values), more: { position: input.position } },
        work: (context) => saveLineFields(context, { ...input, orderId: id }),
      }),
    ),
    return: canRead.input(ofReturn).query(({ input }) => returnFieldsOf(deps.db, input.id)),
    saveReturn: canWrite.input(ofReturn.extend({ values })).mutation(({ ctx, input: { id, ...input } }) =>
      saved(deps, ctx, {
        ...{ action: "return.fields_saved", entity: "return", entityId: id },
        keys: Object.keys(input.values),
        work: (context) => saveReturnFields(context, { ...input, returnId: id }),
      }),
    ),
  });
}

interface Saving {
  readonly action: string;
  readonly entity: string;
  readonly entityId: string;
  readonly keys: readonly string[];
  readonly more?: object;
  readonly work: (context: ActContext & TargetsDeps) => Promise<FieldValues>;
}

/** The chain of the audit log cannot be erased, so it names the fields and not what a person says in them. */
function saved(
  { db, clock, findTargets }: FieldsDeps,
  { actor, requestId }: RpcContext & { readonly actor: StaffActor },
  { work, keys, more, ...entry }: Saving,
): Promise<FieldValues> {
  const now = clock.now();
  return transact(db, async (tx) => {
    const after = await work({ tx, now, actor, findTargets });
    await recordAudit(tx, { ...entry, at: now, actor, requestId, after: { ...more, keys } });
    return after;
  });
}

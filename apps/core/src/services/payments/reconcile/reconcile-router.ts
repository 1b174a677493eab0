import { cutPage, idSchema, pageQuerySchema, problem, timestampSchema, toTimestamp } from "@stoa/kernel";
import { asc, desc, eq } from "drizzle-orm";
import { z } from "zod";
import { recordAudit } from "../../../platform/audit/index.ts";
import { type Database, isBehind, transact } from "../../../platform/db/index.ts";
import { type RpcContext, router, type StaffActor, staffProcedure } from "../../../platform/rpc/index.ts";
import type { PaymentEventDeps } from "../attempt.ts";
import { providerNames } from "../payment.ts";
import { reconciliationItem, reconciliationRun } from "../tables.ts";
import { reconcile } from "./reconcile.ts";

const RANGE_MS_MAX = 31 * 24 * 60 * 60 * 1_000;
const ITEMS_SHOWN_MAX = 1_000;
/** A run that takes longer is carried on by the sweep; staff look at it later. */
const WAIT_MS = 20_000;

const runInput = z.strictObject({
  provider: z.enum(providerNames),
  from: timestampSchema,
  until: timestampSchema,
  repairs: z.boolean(),
});

/** For the dashboard: comparing our books with a provider's, now, and what earlier runs have found. */
export function createReconcileRouter(deps: PaymentEventDeps) {
  return router({
    reconcile: staffProcedure("orders:write")
      .input(runInput)
      .mutation(({ ctx, input }) => compare(deps, ctx, input)),
    reconciliations: staffProcedure("payments:read")
      .input(z.strictObject(pageQuerySchema.shape))
      .query(({ input }) => listRuns(deps.db, input)),
    reconciliation: staffProcedure("payments:read")
      .input(z.strictObject({ id: idSchema("rcn") }))
      .query(async ({ input }) => {
        const [run] = await deps.db.select().from(reconciliationRun).where(eq(reconciliationRun.id, input.id));
        if (!run) throw problem("not_found");
        const items = await deps.db
          .select()
          .from(reconciliationItem)
          .where(eq(reconciliationItem.runId, input.id))
          .orderBy(asc(reconciliationItem.seq))
          .limit(ITEMS_SHOWN_MAX);
        return { ...runView(run), items: items.map(({ at, ...item }) => ({ ...item, at: toTimestamp(at) })) };
      }),
  });
}

async function listRuns(db: Database, { limit, cursor }: z.output<typeof pageQuerySchema>) {
  const { startedAt, id } = reconciliationRun;
  const [rows, total] = await Promise.all([
    db
      .select()
      .from(reconciliationRun)
      .where(isBehind(cursor, { at: startedAt, id, prefix: "rcn" }))
      .orderBy(desc(startedAt), desc(id))
      .limit(limit + 1),
    db.$count(reconciliationRun),
  ]);
  const { shown, nextCursor } = cutPage(rows, limit, (last) => [last.startedAt, last.id]);
  return { items: shown.map(runView), nextCursor, total };
}

function runView({
  fromAt,
  untilAt,
  startedAt,
  finishedAt,
  leaseUntil: _,
  ...run
}: typeof reconciliationRun.$inferSelect) {
  return {
    ...run,
    coveredUntil: run.coveredUntil && toTimestamp(run.coveredUntil),
    statementUntil: run.statementUntil && toTimestamp(run.statementUntil),
    from: toTimestamp(fromAt),
    until: toTimestamp(untilAt),
    startedAt: toTimestamp(startedAt),
    finishedAt: finishedAt && toTimestamp(finishedAt),
  };
}

type StaffContext = RpcContext & { readonly actor: StaffActor };

/** A run that staff ask for; who asked, and what came of it, are in the audit log. */
async function compare(deps: PaymentEventDeps, ctx: StaffContext, input: z.infer<typeof runInput>) {
  if (input.until <= input.from || input.until - input.from > RANGE_MS_MAX) {
    throw problem("validation_failed", { errors: [{ path: "until", message: "at most 31 days after from" }] });
  }
  if (!deps.providers.get(input.provider)?.keepsBooks) {
    throw problem("validation_failed", { errors: [{ path: "provider", message: "keeps no books to compare" }] });
  }
  const { actor, requestId } = ctx;
  if (input.repairs && !actor.rights.has("payments:refund")) {
    throw problem("forbidden", {
      detail: "A run that repairs may give money back, which needs payments:refund.",
    });
  }
  const audit = (action: string, entityId: string, after: unknown) =>
    transact(deps.db, (tx) =>
      recordAudit(tx, {
        ...{ at: deps.clock.now(), actor, action, entity: "reconciliation", entityId, after, requestId },
      }),
    );
  // Before it begins: whatever becomes of it, somebody has asked for it.
  await audit("reconciliation.asked", input.provider, input);
  const run = await reconcile(deps, { ...input, trigger: actor.staffId, budgetMs: WAIT_MS });
  if (!run) throw new Error("a run without a name is always made");
  const { items, ...after } = run;
  await audit("reconciliation.run", run.runId, after);
  const { runId: id, ...told } = after;
  return {
    id,
    ...told,
    statementUntil: after.statementUntil && toTimestamp(after.statementUntil),
    // What a repair goes by is not for whoever reads.
    items: items.slice(0, ITEMS_SHOWN_MAX).map(({ told: _, isOurs: __, ...item }) => item),
  };
}

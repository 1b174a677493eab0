import { recordAudit } from "../../platform/audit/index.ts";
import { shareFields, type TargetsDeps } from "../../platform/custom-fields/index.ts";
import { transact } from "../../platform/db/index.ts";
import type { RpcContext } from "../../platform/rpc/index.ts";
import type { CatalogContext } from "./context.ts";
import type { CatalogRouterDeps } from "./router.ts";

type AuditedDeps = Pick<CatalogRouterDeps, "db" | "catalog" | "changed"> & Partial<TargetsDeps>;

export interface Audited<T> {
  readonly id: string;
  readonly before: T | null;
  readonly after: T;
}

/** Runs a verb and records what it changed: only members that differ, so that a long product makes a short row. */
export async function audited<T extends object>(
  deps: AuditedDeps,
  ctx: RpcContext,
  action: string,
  work: (context: CatalogContext) => Promise<Audited<T>>,
): Promise<T> {
  const now = ctx.clock.now();
  const { findTargets } = deps;
  return transact(deps.db, async (tx) => {
    const { id, before, after } = await work({
      catalog: deps.catalog,
      now,
      changed: deps.changed,
      readFields: (entity) => shareFields(tx, entity),
      ...(findTargets && { findTargets: (ids) => findTargets(tx, ids) }),
    });
    const entity = action.split(".")[0] ?? action;
    const difference = differenceOf(before, after);
    await recordAudit(tx, {
      at: now,
      actor: ctx.actor,
      action,
      entity,
      entityId: id,
      ...difference,
      requestId: ctx.requestId,
    });
    return after;
  });
}

function differenceOf<T extends object>(before: T | null, after: T): { before: unknown; after: unknown } {
  if (before === null) return { before: null, after };
  const old = new Map<string, unknown>(Object.entries(before));
  const changed = Object.entries(after).filter(
    ([key, value]) => JSON.stringify(old.get(key)) !== JSON.stringify(value),
  );
  return {
    before: Object.fromEntries(changed.map(([key]) => [key, old.get(key) ?? null])),
    after: Object.fromEntries(changed),
  };
}

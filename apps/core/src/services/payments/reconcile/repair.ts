import { and, eq, isNull, sql } from "drizzle-orm";
import { recordAudit } from "../../../platform/audit/index.ts";
import { transact } from "../../../platform/db/index.ts";
import { readSetting } from "../../../platform/settings/index.ts";
import { announceNews } from "../announce-news.ts";
import { applyProviderEvent } from "../apply-event.ts";
import { attemptOf, type PaymentEventDeps, type VerbContext } from "../attempt.ts";
import { openStates, type PaymentFact } from "../payment.ts";
import type { PaymentProvider } from "../providers/provider.ts";
import { readFacts } from "../read-facts.ts";
import { type PaymentRow, recordNews } from "../record-news.ts";
import { paymentsSetting } from "../settings.ts";
import { payment, providerEvent } from "../tables.ts";
import { type Mismatch, mismatchOf } from "./mismatch.ts";

export type RepairAction = "reapply_event" | "record_fact" | "close_stale" | "release";

export interface Repair {
  readonly mismatch: Mismatch;
  readonly trigger: string;
  readonly runId: string;
}

export interface Repaired {
  readonly action: RepairAction;
  readonly isRepaired: boolean;
  readonly note: string | null;
}

const EVENTS_MAX = 20;

/**
 * Mends one mismatch as far as that needs no judgement; null where a person has to look: what the provider does not know of, and
 * money that was taken twice. Each repair has its line in the audit log, in the transaction that writes it; what a provider is asked to
 * let go of has one before it is asked, too.
 */
export async function repair(deps: PaymentEventDeps, provider: PaymentProvider, of: Repair): Promise<Repaired | null> {
  const { kind, paymentId } = of.mismatch;
  switch (kind) {
    case "amount_differs":
    case "state_differs":
      return paymentId === null ? null : mendPayment(deps, provider, { ...of, paymentId });
    case "missing_here":
      // Where the payment is ours and only this object of it is strange, a person has to look.
      return paymentId === null && (await mayLetGo(deps, of.mismatch)) ? letGo(deps, provider, of) : null;
    case "missing_there":
    case "duplicate_charge":
      return null;
  }
}

interface Line {
  readonly action: RepairAction | "release_asked";
  readonly isRepaired: boolean;
}

function auditRepair({ tx, now }: VerbContext, { mismatch, trigger, runId }: Repair, { action, isRepaired }: Line) {
  const { kind, reference, paymentId } = mismatch;
  return recordAudit(tx, {
    at: now,
    actor: { kind: "system", name: "reconciliation" },
    action: `reconciliation.${action}`,
    entity: "payment",
    entityId: paymentId ?? reference ?? "",
    after: { kind, reference, runId, trigger, isRepaired },
  });
}

/** What has been told and laid aside comes first; then the provider is asked, and what it says is written down. */
async function mendPayment(
  deps: PaymentEventDeps,
  provider: PaymentProvider,
  of: Repair & { readonly paymentId: PaymentRow["id"] },
): Promise<Repaired | null> {
  const { paymentId } = of;
  const { told = [] } = of.mismatch;
  const applied = await reapplyEvents(deps, provider, of);
  const row = await readRow(deps, paymentId);
  const ours = await readFacts(deps.db, row.id);
  const report = await provider.lookup(attemptOf(row, ours));
  if (!report) return null;
  const disputes = (await provider.disputesOf?.(attemptOf(row, [...ours, ...report.facts]))) ?? [];
  const isTold = (fact: PaymentFact) => ours.some((own) => own.type === fact.type && own.reference === fact.reference);
  if (applied > 0 && !mismatchOf(row, ours, report.facts) && [...disputes, ...told].every(isTold)) {
    return { action: "reapply_event", isRepaired: true, note: null };
  }
  const isStale = openStates.some((state) => state === row.state) && report.isClosed;
  const action = isStale ? "close_stale" : "record_fact";
  return transact(deps.db, async (tx) => {
    const context: VerbContext = { tx, now: deps.clock.now() };
    const { reference, isClosed } = report;
    await deps.lockOrder(tx, row.orderId);
    const facts = [...report.facts, ...disputes, ...told];
    const news = await recordNews(context, paymentId, { facts, reference, isClosed, endsCall: isClosed });
    if (news.isChanged) await announceNews(deps, context, news.payment, news);
    const isRepaired = mismatchOf(news.payment, await readFacts(tx, paymentId), report.facts) === null;
    await auditRepair(context, of, { action, isRepaired });
    const isOther = news.mismatched.length > 0;
    return {
      action,
      isRepaired,
      note: isOther ? "the provider tells of another amount or currency than the order's" : null,
    };
  });
}

async function readRow({ db }: PaymentEventDeps, id: PaymentRow["id"]): Promise<PaymentRow> {
  const [row] = await db.select().from(payment).where(eq(payment.id, id));
  if (!row) throw new Error(`no payment ${id}`);
  return row;
}

/** Events that name the object and have not been applied. Answers how many were. */
async function reapplyEvents(deps: PaymentEventDeps, { name }: PaymentProvider, of: Repair): Promise<number> {
  const { reference } = of.mismatch;
  if (reference === null) return 0;
  const waiting = await deps.db
    .select({ id: providerEvent.id })
    .from(providerEvent)
    .where(
      and(
        eq(providerEvent.provider, name),
        isNull(providerEvent.appliedAt),
        sql`position(${reference} in ${providerEvent.rawBody}) > 0`,
      ),
    )
    .orderBy(providerEvent.receivedAt)
    .limit(EVENTS_MAX);
  const line = { action: "reapply_event", isRepaired: true } as const;
  const audit = (context: VerbContext) => auditRepair(context, of, line);
  let applied = 0;
  for (const { id } of waiting) if ((await applyProviderEvent(deps, id, audit)) === "applied") applied += 1;
  return applied;
}

/** Every Stoa marks what it makes alike, so that what bears the id of no payment of ours may be of another one on the same account. */
async function mayLetGo({ db }: PaymentEventDeps, { isOurs = false }: Mismatch): Promise<boolean> {
  return isOurs || (await readSetting(db, paymentsSetting)).releasesUnknown;
}

/** It bears our mark and no order of ours knows it: nobody may keep the money. */
async function letGo(deps: PaymentEventDeps, provider: PaymentProvider, of: Repair): Promise<Repaired | null> {
  const { reference } = of.mismatch;
  if (reference === null || !provider.releaseUnknown) return null;
  const audit = (line: Line) => transact(deps.db, (tx) => auditRepair({ tx, now: deps.clock.now() }, of, line));
  await audit({ action: "release_asked", isRepaired: false });
  await provider.releaseUnknown(reference);
  await audit({ action: "release", isRepaired: true });
  return { action: "release", isRepaired: true, note: null };
}

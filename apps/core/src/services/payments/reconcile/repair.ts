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
 * money that was taken twice. Each repair is in the audit log.
 */
export async function repair(
  deps: PaymentEventDeps,
  provider: PaymentProvider,
  { mismatch, trigger, runId }: Repair,
): Promise<Repaired | null> {
  const done = await mend(deps, provider, mismatch);
  if (!done) return null;
  const { kind, reference, paymentId } = mismatch;
  await transact(deps.db, (tx) =>
    recordAudit(tx, {
      at: deps.clock.now(),
      actor: { kind: "system", name: "reconciliation" },
      action: `reconciliation.${done.action}`,
      entity: "payment",
      entityId: paymentId ?? reference ?? "",
      after: { kind, reference, runId, trigger, isRepaired: done.isRepaired },
    }),
  );
  return done;
}

async function mend(deps: PaymentEventDeps, provider: PaymentProvider, mismatch: Mismatch): Promise<Repaired | null> {
  switch (mismatch.kind) {
    case "amount_differs":
    case "state_differs":
      return mendPayment(deps, provider, mismatch);
    case "missing_here":
      // Where the payment is ours and only this object of it is strange, a person has to look.
      return mismatch.paymentId === null && (await mayLetGo(deps, mismatch)) ? letGo(provider, mismatch) : null;
    case "missing_there":
    case "duplicate_charge":
      return null;
  }
}

/** What has been told and laid aside comes first; then the provider is asked, and what it says is written down. */
async function mendPayment(
  deps: PaymentEventDeps,
  provider: PaymentProvider,
  { paymentId, reference, told = [] }: Mismatch,
): Promise<Repaired | null> {
  if (paymentId === null) return null;
  const applied = reference === null ? 0 : await reapplyEvents(deps, provider, reference);
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
  const recorded = await transact(deps.db, async (tx) => {
    const context: VerbContext = { tx, now: deps.clock.now() };
    const { reference: known, isClosed } = report;
    const facts = [...report.facts, ...disputes, ...told];
    await deps.lockOrder(tx, row.orderId);
    const news = await recordNews(context, paymentId, { facts, reference: known, isClosed, endsCall: isClosed });
    if (news.isChanged) await announceNews(deps, context, news.payment, news);
    return news;
  });
  const after = mismatchOf(recorded.payment, await readFacts(deps.db, paymentId), report.facts);
  return {
    action: isStale ? "close_stale" : "record_fact",
    isRepaired: after === null,
    note: recorded.mismatched.length > 0 ? "the provider tells of another amount or currency than the order's" : null,
  };
}

async function readRow({ db }: PaymentEventDeps, id: PaymentRow["id"]): Promise<PaymentRow> {
  const [row] = await db.select().from(payment).where(eq(payment.id, id));
  if (!row) throw new Error(`no payment ${id}`);
  return row;
}

/** Events that name the object and have not been applied. Answers how many were. */
async function reapplyEvents(deps: PaymentEventDeps, { name }: PaymentProvider, reference: string): Promise<number> {
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
  let applied = 0;
  for (const { id } of waiting) if ((await applyProviderEvent(deps, id)) === "applied") applied += 1;
  return applied;
}

/** Every Stoa marks what it makes alike, so that what bears the id of no payment of ours may be of another one on the same account. */
async function mayLetGo({ db }: PaymentEventDeps, { isOurs = false }: Mismatch): Promise<boolean> {
  return isOurs || (await readSetting(db, paymentsSetting)).releasesUnknown;
}

/** It bears our mark and no order of ours knows it: nobody may keep the money. */
async function letGo(provider: PaymentProvider, { reference }: Mismatch): Promise<Repaired | null> {
  if (reference === null || !provider.releaseUnknown) return null;
  await provider.releaseUnknown(reference);
  return { action: "release", isRepaired: true, note: null };
}

import { type Id, type Instant, newId } from "@stoa/kernel";
import { and, asc, eq, gt, gte, lt, ne, or } from "drizzle-orm";
import { attemptOf, type PaymentEventDeps } from "../attempt.ts";
import type { ProviderName } from "../payment.ts";
import type { ListedPayment, PaymentProvider } from "../providers/provider.ts";
import { type PaymentRow, readFacts } from "../record-news.ts";
import { payment, reconciliationItem, reconciliationRun } from "../tables.ts";
import { duplicatesOf } from "./duplicates.ts";
import { type Mismatch, type MismatchKind, mismatchOf } from "./mismatch.ts";
import { type RepairAction, repair } from "./repair.ts";

export type ReconciliationRunId = Id<"rcn">;

export interface Reconcile {
  readonly provider: ProviderName;
  /** Payments begun in here are compared: from, and before until. */
  readonly from: Instant;
  readonly until: Instant;
  /** False only lists. */
  readonly repairs: boolean;
  /** Who asked: `nightly`, `cli`, or a staff member's id. */
  readonly trigger: string;
  /** A run of this name is made once; left out, each call is a run. */
  readonly name?: string | undefined;
}

export interface Reconciled {
  readonly runId: ReconciliationRunId;
  readonly compared: number;
  readonly found: number;
  readonly repaired: number;
  readonly items: readonly FoundMismatch[];
}

export interface FoundMismatch extends Mismatch {
  readonly action: RepairAction | null;
  readonly result: "repaired" | "listed" | "failed";
  readonly note: string | null;
}

const PAGE = 200;
const ITEMS_MAX = 5_000;
/** What changes right now is compared the next time. */
const SETTLE_MS = 2 * 60 * 1_000;
/** Our row is written before the provider's object, by a little; clocks may differ. */
const MARGIN_MS = 60 * 60 * 1_000;

/**
 * Compares what a provider's own books say about payments with ours, lists what does not agree, and repairs what can be repaired
 * without a person. Answers null when a run of this name has been made.
 */
export async function reconcile(deps: PaymentEventDeps, input: Reconcile): Promise<Reconciled | null> {
  const provider = deps.providers.get(input.provider);
  if (!provider) throw new Error(`payment provider ${input.provider} has no credentials`);
  const runId = await openRun(deps, input);
  if (runId === null) return null;
  try {
    const found: Mismatch[] = [];
    const compared = await compareAll(deps, provider, input, (mismatch) => {
      if (found.length < ITEMS_MAX) found.push(mismatch);
    });
    found.push(...(await duplicatesOf(deps.db, input)));
    const items: FoundMismatch[] = [];
    for (const mismatch of found) items.push(await deal(deps, provider, { mismatch, input, runId }));
    const repaired = items.filter((item) => item.result === "repaired").length;
    await closeRun(deps, runId, { state: "done", compared, found: items.length, repaired, error: null });
    return { runId, compared, found: items.length, repaired, items };
  } catch (error) {
    const text = (error instanceof Error ? error.message : String(error)).slice(0, 500);
    await closeRun(deps, runId, { state: "failed", error: text });
    throw error;
  }
}

async function openRun({ db, clock }: PaymentEventDeps, input: Reconcile): Promise<ReconciliationRunId | null> {
  const id = newId("rcn");
  const { provider, from: fromAt, until: untilAt, trigger, name = id } = input;
  const values = { id, name, provider, fromAt, untilAt, trigger, state: "running" as const, startedAt: clock.now() };
  const [row] = await db.insert(reconciliationRun).values(values).onConflictDoNothing().returning();
  return row?.id ?? null;
}

type RunEnd = Partial<
  Pick<typeof reconciliationRun.$inferInsert, "state" | "compared" | "found" | "repaired" | "error">
>;

async function closeRun({ db, clock }: PaymentEventDeps, id: ReconciliationRunId, end: RunEnd): Promise<void> {
  await db
    .update(reconciliationRun)
    .set({ ...end, finishedAt: clock.now() })
    .where(eq(reconciliationRun.id, id));
}

/** Both ways round: what the provider lists and we do not know, and what we know and the provider tells otherwise. */
async function compareAll(
  deps: PaymentEventDeps,
  provider: PaymentProvider,
  { from, until }: Reconcile,
  take: (mismatch: Mismatch) => void,
): Promise<number> {
  const listed = new Map<string, ListedPayment>();
  for await (const one of provider.list?.({ from: from - MARGIN_MS, until: until + MARGIN_MS }) ?? []) {
    listed.set(one.reference, one);
  }
  let compared = 0;
  const known = new Set<string>();
  for await (const row of rowsOf(deps, provider.name, { from, until })) {
    if (row.providerReference !== null) known.add(row.providerReference);
    const told = (row.providerReference !== null && listed.get(row.providerReference)) || null;
    const facts = told?.facts ?? (await statementOf(deps, provider, row));
    const mismatch = mismatchOf(row, await readFacts(deps.db, row.id), facts);
    if (mismatch) take(mismatch);
    compared += 1;
  }
  for (const one of listed.values()) {
    if (known.has(one.reference) || one.createdAt < from || one.createdAt >= until) continue;
    compared += 1;
    const mismatch = await strangerOf(deps, one);
    if (mismatch) take(mismatch);
  }
  return compared;
}

async function statementOf(deps: PaymentEventDeps, provider: PaymentProvider, row: PaymentRow) {
  const attempt = attemptOf(row, await readFacts(deps.db, row.id));
  return (await provider.lookup(attempt))?.facts ?? null;
}

async function* rowsOf(
  { db, clock }: PaymentEventDeps,
  provider: ProviderName,
  { from, until }: { readonly from: Instant; readonly until: Instant },
): AsyncGenerator<PaymentRow> {
  const settled = (clock.now() - SETTLE_MS) as Instant;
  let after: PaymentRow | null = null;
  for (;;) {
    const rows: PaymentRow[] = await db
      .select()
      .from(payment)
      .where(
        and(
          eq(payment.provider, provider),
          ne(payment.amount, 0),
          gte(payment.createdAt, from),
          lt(payment.createdAt, until),
          lt(payment.updatedAt, settled),
          after
            ? or(
                gt(payment.createdAt, after.createdAt),
                and(eq(payment.createdAt, after.createdAt), gt(payment.id, after.id)),
              )
            : undefined,
        ),
      )
      .orderBy(asc(payment.createdAt), asc(payment.id))
      .limit(PAGE);
    yield* rows;
    after = rows.at(-1) ?? null;
    if (rows.length < PAGE) return;
  }
}

/** Something that bears our mark and stands for money, of which our books know nothing. Without our mark it is another shop's. */
async function strangerOf({ db }: PaymentEventDeps, one: ListedPayment): Promise<Mismatch | null> {
  if (one.paymentId === null) return null;
  const [row] = await db
    .select({ id: payment.id, providerReference: payment.providerReference })
    .from(payment)
    .where(eq(payment.id, one.paymentId));
  // Ours, from just outside of the range, or still changing.
  if (row && (row.providerReference === null || row.providerReference === one.reference)) return null;
  const isMoney = one.facts.some((fact) => fact.type === "authorized" || fact.type === "captured");
  if (!isMoney) return null;
  const kind: MismatchKind = "missing_here";
  return { kind, reference: one.reference, paymentId: null, orderId: one.orderId, ours: null, theirs: one.facts };
}

interface Deal {
  readonly mismatch: Mismatch;
  readonly input: Reconcile;
  readonly runId: ReconciliationRunId;
}

/** One that cannot be repaired is listed all the same, and does not keep the others from being dealt with. */
async function deal(
  deps: PaymentEventDeps,
  provider: PaymentProvider,
  { mismatch, input, runId }: Deal,
): Promise<FoundMismatch> {
  let item: FoundMismatch = { ...mismatch, action: null, result: "listed", note: null };
  if (input.repairs) {
    try {
      const done = await repair(deps, provider, { mismatch, trigger: input.trigger, runId });
      if (done)
        item = { ...item, action: done.action, result: done.isRepaired ? "repaired" : "failed", note: done.note };
    } catch (error) {
      const note = (error instanceof Error ? error.message : String(error)).slice(0, 500);
      item = { ...item, result: "failed", note };
    }
  }
  const { kind, reference, paymentId, orderId, ours, theirs, action, result, note } = item;
  const values = { runId, kind, reference, paymentId, orderId, ours, theirs, action, result, note };
  await deps.db.insert(reconciliationItem).values({ ...values, at: deps.clock.now() });
  return item;
}

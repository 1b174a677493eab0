import type { Instant, OrderId, PaymentId } from "@stoa/kernel";
import { and, asc, gt, inArray, isNull, lte, ne, sql } from "drizzle-orm";
import { transact } from "../../platform/db/index.ts";
import { describeActor } from "../../platform/rpc/index.ts";
import { readSetting } from "../../platform/settings/index.ts";
import { announceNews } from "./announce-news.ts";
import type { PaymentEventDeps } from "./attempt.ts";
import { createCaptureDue, dueNow } from "./capture-due.ts";
import { perform } from "./perform.ts";
import type { PaymentRow } from "./record-news.ts";
import { paymentsSetting } from "./settings.ts";
import { payment } from "./tables.ts";
import { createVoidAuthorization } from "./void-authorization.ts";

const SWEEP_BATCH = 20;
const WARN_BEFORE_MS = 24 * 60 * 60 * 1_000;
/** Long enough for a provider that is away for a while. */
const ACT_BEFORE_MS = 3 * 60 * 60 * 1_000;
const ACT_AGAIN_MS = 10 * 60 * 1_000;

const by = describeActor({ kind: "system", name: "payments" });

export interface TendedHolds {
  /** Holds that end within a day; each is told once. */
  readonly ending: readonly { readonly paymentId: PaymentId; readonly orderId: OrderId; readonly until: Instant }[];
  readonly acted: number;
  readonly failed: readonly { readonly orderId: OrderId; readonly error: unknown }[];
}

/**
 * Looks after money that is held and has not been taken: a day before a hold ends it is told, and three hours before, the rest is
 * captured or let go of, as the setting `payments.beforeHoldEnds` says.
 */
export async function tendHolds(deps: PaymentEventDeps): Promise<TendedHolds> {
  const { beforeHoldEnds } = await readSetting(deps.db, paymentsSetting);
  const ending = await warn(deps);
  const due = beforeHoldEnds === "leave" ? [] : await claimDue(deps);
  const failed: { orderId: OrderId; error: unknown }[] = [];
  for (const row of due) {
    try {
      if (beforeHoldEnds === "capture") await captureRest(deps, row);
      else await letGo(deps, row);
    } catch (error) {
      failed.push({ orderId: row.orderId, error });
    }
  }
  return { ending, acted: due.length - failed.length, failed };
}

/** What staff take by hand does not end by itself, and what somebody has asked to let go of needs no care. */
const isTended = and(gt(payment.held, 0), ne(payment.provider, "manual"), isNull(payment.releaseRequestedAt));

async function warn({ db, clock }: PaymentEventDeps): Promise<TendedHolds["ending"]> {
  const now = clock.now();
  const due = db
    .select({ id: payment.id })
    .from(payment)
    .where(and(isTended, isNull(payment.holdWarnedAt), lte(payment.authorizedUntil, (now + WARN_BEFORE_MS) as Instant)))
    .orderBy(asc(payment.authorizedUntil))
    .limit(SWEEP_BATCH)
    .for("update", { skipLocked: true });
  const rows = await db
    .update(payment)
    .set({ holdWarnedAt: now })
    .where(and(inArray(payment.id, due), isNull(payment.holdWarnedAt)))
    .returning();
  return rows.flatMap(({ id: paymentId, orderId, authorizedUntil: until }) =>
    until === null ? [] : [{ paymentId, orderId, until }],
  );
}

/** Whoever claims one touches it, so that others leave it alone for a while. */
async function claimDue({ db, clock }: PaymentEventDeps): Promise<PaymentRow[]> {
  const now = clock.now();
  const isQuiet = lte(payment.updatedAt, (now - ACT_AGAIN_MS) as Instant);
  const due = db
    .select({ id: payment.id })
    .from(payment)
    .where(and(isTended, isQuiet, lte(payment.authorizedUntil, (now + ACT_BEFORE_MS) as Instant)))
    .orderBy(asc(payment.authorizedUntil))
    .limit(SWEEP_BATCH)
    .for("update", { skipLocked: true });
  return db
    .update(payment)
    .set({ updatedAt: now, tries: sql`${payment.tries} + 1` })
    .where(and(inArray(payment.id, due), isQuiet))
    .returning();
}

/** As much as the order costs by now; what was held for units that have been cancelled is let go of. */
async function captureRest(deps: PaymentEventDeps, row: PaymentRow): Promise<void> {
  await perform(deps, {
    verb: createCaptureDue(deps),
    context: (base) => base,
    input: { orderId: row.orderId, amount: "rest", only: row.id, cause: `hold-ends/${row.id}`, by },
    settled: (context, { ended }) => announceNews(deps, context, row, { ended }),
  });
  const isRestUnwanted = await transact(deps.db, async (tx) => {
    const { due, captured } = await dueNow(deps, tx, row.orderId);
    return due !== null && captured >= due;
  });
  if (isRestUnwanted) await letGo(deps, row);
}

/** Only what is held: what has been taken of it stays taken. */
async function letGo(deps: PaymentEventDeps, row: PaymentRow): Promise<void> {
  await perform(deps, {
    verb: createVoidAuthorization(deps),
    context: (base) => base,
    input: { orderId: row.orderId, keys: [row.key], keepsCaptured: true, by },
    settled: (context, { ended }) => announceNews(deps, context, row, { ended }),
  });
}

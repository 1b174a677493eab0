import { type Instant, isId, type PaymentId } from "@stoa/kernel";
import { and, asc, eq, gt, gte, lt, ne, or } from "drizzle-orm";
import { attemptOf, type PaymentEventDeps } from "../attempt.ts";
import { reversalFacts } from "../dispute-facts.ts";
import type { PaymentFact, ProviderName } from "../payment.ts";
import type { PaymentProvider } from "../providers/provider.ts";
import type { ListedMovement, ListedPayment } from "../providers/provider-books.ts";
import { readFacts } from "../read-facts.ts";
import type { PaymentRow } from "../record-news.ts";
import { payment } from "../tables.ts";
import { duplicatesOf } from "./duplicates.ts";
import { type Mismatch, mismatchOf } from "./mismatch.ts";
import { placeMovements } from "./statement.ts";

export interface StretchOfTime {
  readonly from: Instant;
  readonly until: Instant;
}

export interface Compared {
  readonly mismatches: readonly Mismatch[];
  readonly compared: number;
  readonly listed: number;
  readonly unmarked: number;
  readonly statementUntil: Instant | null;
}

export interface Comparing {
  readonly deps: PaymentEventDeps;
  readonly provider: PaymentProvider;
  /** Waits for its turn before each call to the provider. */
  readonly pace: () => Promise<unknown>;
}

const PAGE = 200;
/** What changes right now is compared the next time. */
const SETTLE_MS = 2 * 60 * 1_000;
/** Our row is written before the provider's object, by a little; clocks may differ. */
const MARGIN_MS = 60 * 60 * 1_000;

/**
 * Compares a stretch of time both ways round: what we know and the provider tells otherwise, what it lists and we do not know, and what
 * its statement says it did, to whichever payment. @throws TooMuchListed
 */
export async function compareStretch(comparing: Comparing, stretch: StretchOfTime): Promise<Compared> {
  const { deps, provider } = comparing;
  const mismatches: Mismatch[] = [];
  const listed = await listedIn(comparing, stretch);
  const seen = new Map<PaymentId, readonly PaymentFact[]>();
  for await (const row of rowsOf(deps, provider.name, stretch)) {
    const facts = listed.get(row.providerReference ?? "")?.facts ?? (await statementOf(comparing, row));
    const mismatch = mismatchOf(row, await readFacts(deps.db, row.id), facts);
    if (mismatch) mismatches.push(mismatch);
    seen.set(row.id, facts ?? []);
  }
  for (const one of listed.values()) {
    const isHere = one.createdAt >= stretch.from && one.createdAt < stretch.until;
    const mismatch = isHere ? await strangerOf(deps, one) : null;
    if (mismatch) mismatches.push(mismatch);
  }
  const told = await compareStatement(comparing, stretch, seen);
  // What the statement tells of an object comes first: it holds more than a comparison of sums.
  mismatches.unshift(...told.mismatches);
  mismatches.push(...(await duplicatesOf(deps.db, { provider: provider.name, ...stretch })));
  const { listed: lines, unmarked, statementUntil } = told;
  return { mismatches: onePerObject(mismatches), compared: seen.size, listed: lines, unmarked, statementUntil };
}

/** The list and the statement may both tell of one object. */
function onePerObject(mismatches: readonly Mismatch[]): Mismatch[] {
  const seen = new Set<string>();
  return mismatches.filter(({ kind, reference, paymentId, orderId }) => {
    const key = `${kind} ${reference ?? paymentId ?? orderId}`;
    const isNew = !seen.has(key);
    seen.add(key);
    return isNew;
  });
}

async function listedIn({ provider, pace }: Comparing, { from, until }: StretchOfTime) {
  const listed = new Map<string, ListedPayment>();
  if (!provider.list) return listed;
  await pace();
  for await (const one of provider.list({ from: from - MARGIN_MS, until: until + MARGIN_MS })) {
    listed.set(one.reference, one);
  }
  return listed;
}

async function statementOf({ deps, provider, pace }: Comparing, row: PaymentRow) {
  await pace();
  const attempt = attemptOf(row, await readFacts(deps.db, row.id));
  return (await provider.lookup(attempt))?.facts ?? null;
}

/** Every movement of the stretch: those of payments begun long ago are compared one by one where they are not on record. */
async function compareStatement(
  comparing: Comparing,
  { from, until }: StretchOfTime,
  seen: ReadonlyMap<PaymentId, readonly PaymentFact[]>,
) {
  const { deps, provider, pace } = comparing;
  const mismatches: Mismatch[] = [];
  const unrecorded = new Map<PaymentId, ListedMovement[]>();
  let [listed, unmarked, statementUntil] = [0, 0, null as Instant | null];
  for await (const { movements, upTo } of provider.statement?.({ from, until }) ?? []) {
    await pace();
    const placed = await placeMovements(deps.db, provider.name, movements);
    mismatches.push(...placed.unknown);
    for (const { paymentId, movement } of placed.unrecorded) {
      unrecorded.set(paymentId, [...(unrecorded.get(paymentId) ?? []), movement]);
    }
    [listed, unmarked] = [listed + movements.length, unmarked + placed.unmarked];
    statementUntil = statementUntil === null ? upTo : (Math.min(statementUntil, upTo) as Instant);
  }
  for (const [paymentId, movements] of unrecorded) {
    mismatches.push(...(await compareUnrecorded(comparing, paymentId, { movements, seen: seen.get(paymentId) })));
  }
  return { mismatches, listed, unmarked, statementUntil };
}

interface Unrecorded {
  readonly movements: readonly ListedMovement[];
  /** What the provider has said of the payment in this very stretch. */
  readonly seen: readonly PaymentFact[] | undefined;
}

/** Movements of one payment that are not on record. Answers nothing when they have been written down by now. */
async function compareUnrecorded(
  comparing: Comparing,
  paymentId: PaymentId,
  { movements, seen }: Unrecorded,
): Promise<Mismatch[]> {
  const { deps, provider, pace } = comparing;
  const [row] = await deps.db.select().from(payment).where(eq(payment.id, paymentId));
  if (!row || deps.clock.now() - row.updatedAt < SETTLE_MS) return [];
  const facts = seen ?? (await statementOf(comparing, row)) ?? [];
  const ours = await readFacts(deps.db, paymentId);
  const isDisputed = movements.some(({ type }) => aboutDisputes.has(type));
  if (isDisputed) await pace();
  const disputes = isDisputed ? ((await provider.disputesOf?.(attemptOf(row, [...ours, ...facts]))) ?? []) : [];
  const about = { reference: row.providerReference, paymentId, orderId: row.orderId };
  const isNews = (fact: PaymentFact) => !ours.some((own) => isSame(own, fact));
  const told = movements.flatMap(toldOnlyHere).filter(isNews);
  const news = [...disputes.filter(isNews), ...told];
  const found: (Mismatch | null)[] = [
    // Compared in this stretch already, unless it began outside of it.
    seen === undefined ? mismatchOf(row, ours, facts) : null,
    news.length > 0 ? { ...about, kind: "state_differs", ours: [], theirs: news, told } : null,
    ...movements.filter((movement) => isNowhere(movement, facts)).map((movement) => lostOf(row, movement)),
  ];
  return found.filter((mismatch) => mismatch !== null);
}

const aboutDisputes: ReadonlySet<ListedMovement["type"]> = new Set([
  "disputed",
  "dispute_won",
  "dispute_ended",
  "reversed",
]);

/** PayPal shows nothing of a capture that it has taken back; only its statement does. */
function toldOnlyHere({ type, reference, of: captureReference, amount, at = null }: ListedMovement): PaymentFact[] {
  return type === "reversed"
    ? reversalFacts({ reference, amount, captureReference: captureReference ?? reference, at })
    : [];
}

const isSame = (left: PaymentFact, right: Pick<ListedMovement, "type" | "reference"> | PaymentFact) =>
  left.type === right.type && left.reference === right.reference;

/** Money that bears a payment's mark, and that the provider does not count to the object under which we know the payment. */
function isNowhere({ type, reference, paymentReference, paymentId }: ListedMovement, facts: readonly PaymentFact[]) {
  const isMoney = type === "captured" || type === "authorized";
  return (
    isMoney &&
    paymentReference === null &&
    isId("pay", paymentId) &&
    !facts.some((fact) => isSame(fact, { type, reference }))
  );
}

function lostOf({ id: paymentId, orderId }: PaymentRow, { reference, type, amount }: ListedMovement): Mismatch {
  return { kind: "missing_here", reference, paymentId, orderId, ours: null, theirs: [{ type, reference, amount }] };
}

async function* rowsOf(
  { db, clock }: PaymentEventDeps,
  provider: ProviderName,
  { from, until }: StretchOfTime,
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
  return {
    kind: "missing_here",
    reference: one.reference,
    paymentId: null,
    orderId: one.orderId,
    isOurs: row !== undefined,
    ours: null,
    theirs: one.facts,
  };
}

/** How many payments of ours began in a stretch; a long one is cut in two. */
export async function countRows({ db }: PaymentEventDeps, name: ProviderName, { from, until }: StretchOfTime) {
  return db.$count(
    payment,
    and(eq(payment.provider, name), gte(payment.createdAt, from), lt(payment.createdAt, until)),
  );
}

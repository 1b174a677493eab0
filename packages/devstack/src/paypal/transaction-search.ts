import { z } from "zod";
import { minorUnits, moneyOf } from "./amounts.ts";
import { invalidRequest } from "./errors.ts";
import type { Money } from "./objects.ts";
import { type Turn, timestamp } from "./turn.ts";

const RANGE_MS_MAX = 31 * 24 * 60 * 60 * 1000;
const RECORDS_MAX = 10_000;

const instant = z.iso.datetime({ offset: true }).transform((text) => Date.parse(text));

export const searchSchema = z.object({
  start_date: instant,
  end_date: instant,
  transaction_id: z.string().optional(),
  balance_affecting_records_only: z.enum(["Y", "N"]).default("Y"),
  page_size: z.coerce.number().int().min(1).max(500).default(100),
  page: z.coerce.number().int().min(1).default(1),
});

/** One line of the account's statement. */
interface Transaction {
  readonly id: string;
  /** What it belongs to: a capture's authorization, or the capture of a refund, a dispute, a reversal. */
  readonly of?: string | undefined;
  readonly code: string;
  readonly at: string;
  readonly updatedAt: string;
  readonly amount: Money;
  readonly status: "D" | "P" | "S" | "V";
  readonly customId?: string | undefined;
  readonly isMoney: boolean;
}

/**
 * The account's transactions in a range of time, oldest first. As PayPal's, it may be behind: what is younger than the `delay` of an
 * armed `reporting` fault is not listed yet, and `last_refreshed_datetime` says so.
 */
export function searchTransactions(turn: Turn, query: z.infer<typeof searchSchema>): unknown {
  const { start_date: from, end_date: until, page, page_size: size } = query;
  if (until <= from) throw invalidRequest("INVALID_REQUEST", "End date must be after start date.");
  if (until - from > RANGE_MS_MAX) throw invalidRequest("INVALID_REQUEST", "Date range is greater than 31 days");
  const strike = turn.faults?.next("reporting") ?? null;
  const refreshedAt = turn.nowMs - (strike?.kind === "delay" ? strike.delayMs : 0);
  const found = transactionsOf(turn)
    .filter(({ id, at, isMoney }) => {
      const atMs = Date.parse(at);
      const isAsked = query.transaction_id === undefined || query.transaction_id === id;
      const isKind = isMoney || query.balance_affecting_records_only === "N";
      return isAsked && isKind && atMs >= from && atMs <= until && atMs <= refreshedAt;
    })
    .sort((left, right) => left.at.localeCompare(right.at) || left.id.localeCompare(right.id));
  if (found.length > RECORDS_MAX) throw invalidRequest("RESULTSET_TOO_LARGE", "Result set size is greater than limit.");
  return {
    transaction_details: found.slice((page - 1) * size, page * size).map((one) => ({ transaction_info: infoOf(one) })),
    account_number: "STANDIN",
    start_date: timestamp(from),
    end_date: timestamp(until),
    last_refreshed_datetime: timestamp(refreshedAt),
    page,
    total_items: found.length,
    total_pages: Math.ceil(found.length / size),
    links: [],
  };
}

function transactionsOf(turn: Turn): Transaction[] {
  const authorizations = [...turn.authorizations.oldestFirst()].map(
    ({ view }): Transaction => ({
      ...{ id: view.id, code: "T1300", at: view.create_time, updatedAt: view.update_time, amount: view.amount },
      ...{ status: view.status === "VOIDED" ? "V" : view.status === "CAPTURED" ? "S" : "P", isMoney: false },
      customId: view.custom_id,
    }),
  );
  const captures = [...turn.captures.oldestFirst()].map(
    ({ view }): Transaction => ({
      ...{ id: view.id, code: "T0006", at: view.create_time, updatedAt: view.update_time, amount: view.amount },
      of: view.supplementary_data.related_ids.authorization_id,
      status: view.status === "DECLINED" ? "D" : view.status === "PENDING" ? "P" : "S",
      ...{ customId: view.custom_id, isMoney: true },
    }),
  );
  const refunds = [...turn.refunds.oldestFirst()].map(
    ({ view, hidden }): Transaction => ({
      ...{ id: view.id, of: hidden.captureId, code: "T1107", at: view.create_time, updatedAt: view.update_time },
      amount: negative(view.amount),
      status: view.status === "FAILED" ? "D" : view.status === "PENDING" ? "P" : "S",
      ...{ customId: view.custom_id, isMoney: true },
    }),
  );
  const holds = [...turn.disputes.oldestFirst()].map(
    ({ view }): Transaction => ({
      ...{ id: `${view.id}-HOLD`, of: view.disputed_transactions[0]?.seller_transaction_id, code: "T1110" },
      ...{ at: view.create_time, updatedAt: view.update_time, amount: negative(view.dispute_amount) },
      ...{ status: "S", isMoney: true },
    }),
  );
  return [...authorizations, ...captures, ...refunds, ...holds, ...endsOfHolds(turn), ...reversals(turn)];
}

/** What PayPal holds back for a dispute is let go of with its end, whoever gets the money. */
function endsOfHolds(turn: Turn): Transaction[] {
  const ended = [...turn.disputes.oldestFirst()].filter(({ view }) => view.status === "RESOLVED");
  return ended.map(({ view }) => ({
    ...{ id: `${view.id}-FREE`, of: view.disputed_transactions[0]?.seller_transaction_id, code: "T1111" },
    ...{ at: view.update_time, updatedAt: view.update_time, amount: view.dispute_amount, status: "S", isMoney: true },
  }));
}

function reversals(turn: Turn): Transaction[] {
  return [...turn.reversals.oldestFirst()].map(({ view, hidden }) => ({
    ...{ id: view.id, of: hidden.captureId, code: "T1106", at: view.create_time, updatedAt: view.update_time },
    ...{ amount: negative(view.amount), status: "S", customId: view.custom_id, isMoney: true },
  }));
}

const negative = (amount: Money): Money => {
  const { value } = moneyOf(amount.currency_code, minorUnits(amount, "/amount"));
  return { currency_code: amount.currency_code, value: `-${value}` };
};

function infoOf({ id, of, code, at, updatedAt, amount, status, customId }: Transaction): unknown {
  return {
    transaction_id: id,
    ...(of !== undefined && { paypal_reference_id: of, paypal_reference_id_type: "TXN" }),
    transaction_event_code: code,
    transaction_initiation_date: at,
    transaction_updated_date: updatedAt,
    transaction_amount: amount,
    transaction_status: status,
    ...(customId !== undefined && { custom_field: customId }),
    protection_eligibility: "01",
  };
}

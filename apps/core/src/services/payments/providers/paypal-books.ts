import {
  type ApiResponse,
  type Client,
  PaymentsController,
  TransactionSearchController,
} from "@paypal/paypal-server-sdk";
import { type Instant, isCurrency, isId, toTimestamp } from "@stoa/kernel";
import { z } from "zod";
import type { PaymentFact } from "../payment.ts";
import type { ProviderGate } from "./gate.ts";
import { fromPaypalAmount } from "./paypal-amount.ts";
import { classifyPaypalError } from "./paypal-client.ts";
import { disputeFacts } from "./paypal-event.ts";
import type { PaypalRest } from "./paypal-rest.ts";
import { type ListedMovement, type ListRange, type StatementPage, TooMuchListed } from "./provider-books.ts";
import { unlessUnknown } from "./provider-report.ts";

/** PayPal's search takes at most this range, answers so many lines a page, and so many in all. Source: Transaction Search v1. */
const RANGE_MS_MAX = 31 * 24 * 60 * 60 * 1_000;
const PAGE = 500;
const LINES_MAX = 10_000;
const DISPUTES_MAX = 50;

const infoSchema = z.object({
  transaction_id: z.string(),
  paypal_reference_id: z.string().optional(),
  transaction_event_code: z.string().default(""),
  transaction_status: z.string().default(""),
  transaction_amount: z.object({ currency_code: z.string(), value: z.string() }),
  custom_field: z.string().optional(),
  transaction_initiation_date: z.string().optional(),
});
type TransactionInfo = z.infer<typeof infoSchema>;

const pageSchema = z.object({
  transaction_details: z.array(z.object({ transaction_info: infoSchema })).default([]),
  last_refreshed_datetime: z.string().optional(),
  total_items: z.int().default(0),
  total_pages: z.int().default(1),
});

const disputesSchema = z.object({ items: z.array(z.object({ dispute_id: z.string() })).default([]) });

export interface PaypalBooksDeps {
  readonly client: () => Client;
  readonly gate: ProviderGate;
  readonly rest: PaypalRest;
}

/** PayPal's own statement, for reconciliation. It may be three hours behind. */
export class PaypalBooks {
  constructor(readonly deps: PaypalBooksDeps) {}

  async *statement({ from, until }: ListRange): AsyncGenerator<StatementPage> {
    for (let start = from; start < until; start += RANGE_MS_MAX) {
      yield* this.#search({ from: start, until: Math.min(until, start + RANGE_MS_MAX) });
    }
  }

  async *#search({ from, until }: ListRange): AsyncGenerator<StatementPage> {
    const dates = { startDate: toTimestamp(from as Instant), endDate: toTimestamp(until as Instant) };
    for (let page = 1; ; page += 1) {
      // What only holds money is listed as well, or an authorization of ours that we never learnt of would not be found.
      const asked = { ...dates, page, pageSize: PAGE, balanceAffectingRecordsOnly: "N" };
      const found = await this.#page(asked);
      if (found.total_items > LINES_MAX) throw new TooMuchListed("PayPal lists no more than 10,000 transactions");
      const refreshed = Date.parse(found.last_refreshed_datetime ?? "");
      const movements = found.transaction_details.flatMap(({ transaction_info: info }) => movementOf(info) ?? []);
      yield { movements, upTo: Math.min(until, Number.isNaN(refreshed) ? until : refreshed) as Instant };
      if (page >= found.total_pages) return;
    }
  }

  async #page(asked: Parameters<TransactionSearchController["searchTransactions"]>[0]) {
    try {
      const search = () => new TransactionSearchController(this.deps.client()).searchTransactions(asked);
      const { body } = await this.#send("list_transactions", null, search);
      return pageSchema.parse(JSON.parse(String(body)));
    } catch (error) {
      if (classifyPaypalError(error).code === "RESULTSET_TOO_LARGE") throw new TooMuchListed("PayPal lists too much");
      throw error;
    }
  }

  /** What PayPal says of the disputes over captures. */
  async disputesOf(captures: readonly string[]): Promise<PaymentFact[]> {
    const facts: PaymentFact[] = [];
    const call = { operation: "list_disputes", paymentId: null, key: null, safe: true };
    const get = (path: string) => this.deps.rest(call, { method: "GET", path: `/v1/customer/disputes${path}` });
    for (const capture of captures) {
      const query = new URLSearchParams({ disputed_transaction_id: capture, page_size: String(DISPUTES_MAX) });
      const { items } = disputesSchema.parse(JSON.parse(await get(`?${query}`)));
      for (const { dispute_id: id } of items) {
        facts.push(...disputeFacts(JSON.parse(await get(`/${encodeURIComponent(id)}`))).facts);
      }
    }
    return facts;
  }

  /** Lets go of what no order of ours knows: a capture is refunded, an authorization voided. What has been let go of stays so. */
  async release(reference: string): Promise<void> {
    const payments = () => new PaymentsController(this.deps.client());
    const key = `reconciliation/${reference}`;
    const found = await unlessUnknown(
      this.#send("get_capture", null, () => payments().getCapturedPayment({ captureId: reference })),
      classifyPaypalError,
    );
    const undo =
      found === null
        ? () => payments().voidPayment({ authorizationId: reference, paypalRequestId: key })
        : () => payments().refundCapturedPayment({ captureId: reference, paypalRequestId: key });
    try {
      await this.#send(found === null ? "void" : "refund", key, undo);
    } catch (error) {
      const { outcome, code } = classifyPaypalError(error);
      if (outcome === "unknown" || !isGone.has(code ?? "")) throw error;
    }
  }

  #send(operation: string, key: string | null, send: () => Promise<ApiResponse<unknown>>) {
    return this.deps.gate.run({ operation, paymentId: null, key, safe: true }, send);
  }
}

const isGone: ReadonlySet<string> = new Set(["PREVIOUSLY_VOIDED", "AUTHORIZATION_VOIDED", "CAPTURE_FULLY_REFUNDED"]);

/**
 * What a transaction is to us, by its event code: payments received (T00nn); of the reversals what PayPal took back by itself (T1106),
 * refunds (T1107), and holds for disputes with their end (T1110, T1111), whoever has won; authorizations. Source: PayPal, "Transaction
 * event codes".
 */
function typeOf({ transaction_event_code: code, transaction_status: status }: TransactionInfo) {
  if (status === "D") return null;
  if (code.startsWith("T00")) return status === "P" ? null : "captured";
  if (code === "T1107") return status === "P" ? null : "refunded";
  if (code === "T1106") return status === "P" ? null : "reversed";
  if (code === "T1110") return "disputed";
  if (code === "T1111") return "dispute_ended";
  // One that was voided or has been captured holds nothing any more.
  return (code === "T1300" || code === "T1301") && status === "P" ? "authorized" : null;
}

/** Null for what tells nothing about a payment: money sent, fees, withdrawals. */
function movementOf(info: TransactionInfo): ListedMovement | null {
  const type = typeOf(info);
  const { currency_code, value } = info.transaction_amount;
  const isOut = value.startsWith("-");
  // Money sent; and what was taken back and is given once more, which its dispute tells.
  if (type === null || (type === "captured" && isOut) || (type === "reversed" && !isOut)) return null;
  // No shop sells in a currency that it does not know: it is another's on the same account.
  if (!isCurrency(currency_code)) return null;
  const { custom_field: mark } = info;
  const at = Date.parse(info.transaction_initiation_date ?? "");
  return {
    ...{ reference: info.transaction_id, type, of: info.paypal_reference_id ?? null, paymentReference: null },
    amount: fromPaypalAmount({ currency_code, value: value.replace(/^-/, "") }),
    paymentId: isId("pay", mark) ? mark : null,
    orderId: null,
    refundId: isId("ref", mark) ? mark : null,
    at: Number.isNaN(at) ? null : (at as Instant),
  };
}

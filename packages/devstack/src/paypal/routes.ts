import { z } from "zod";
import {
  captureAuthorization,
  captureSchema,
  findAuthorization,
  reauthorize,
  reauthorizeSchema,
  voidAuthorization,
} from "./authorizations.ts";
import { findCapture } from "./captures.ts";
import { completeOrder, completeSchema } from "./complete-order.ts";
import {
  acceptClaim,
  adjudicate,
  adjudicateSchema,
  disputeListSchema,
  evidenceSchema,
  findDispute,
  listDisputes,
  provideEvidence,
  showDispute,
} from "./disputes.ts";
import { invalidRequest } from "./errors.ts";
import { eventListSchema, listEvents } from "./events.ts";
import type { Link, Order } from "./objects.ts";
import { createOrder, createOrderSchema, findOrder, showOrder } from "./orders.ts";
import { patchOrder, patchSchema } from "./patch-order.ts";
import { findRefund, refundCapture, refundSchema } from "./refunds.ts";
import { searchSchema, searchTransactions } from "./transaction-search.ts";
import type { Turn } from "./turn.ts";
import { deleteToken, listTokens, tokenListSchema, tokenOf } from "./vault.ts";

/** What an endpoint answers: in full, and what is left of it under `Prefer: return=minimal`, the default of every POST. */
export interface Result {
  readonly status: number;
  readonly full: unknown;
  readonly minimal: unknown;
  /** Where the status differs under `return=minimal`. */
  readonly minimalStatus?: number;
}

export interface Route {
  /** The name a fault rule gives it. */
  readonly operation: string;
  readonly method: "DELETE" | "GET" | "PATCH" | "POST";
  /** Path with `:id` for the object. */
  readonly path: string;
  /** `body` is the query of a GET. */
  readonly run: (turn: Turn, id: string, body: unknown) => Result;
}

const nothing = z.unknown();
const methods = ["DELETE", "GET", "PATCH", "POST"] as const;

function route<Schema extends z.ZodType>(
  target: `${Route["method"]} ${string}`,
  operation: string,
  schema: Schema,
  work: (turn: Turn, id: string, body: z.infer<Schema>) => Result,
): Route {
  const [method, path = ""] = target.split(" ");
  return {
    operation,
    method: methods.find((known) => known === method) ?? "POST",
    path,
    run: (turn, id, body) => work(turn, id, parseBody(schema, body)),
  };
}

/** Every endpoint behind a token; `oauth.token` and `webhooks.verify` are answered beside it. */
export const routes: readonly Route[] = [
  route("POST /v2/checkout/orders", "orders.create", createOrderSchema, (turn, _id, body) => {
    const { status, order } = createOrder(turn, body);
    const { payment_source: source } = order;
    return {
      status,
      full: order,
      minimal: { ...brief(order), ...(source === undefined ? {} : { payment_source: source }) },
    };
  }),
  route("GET /v2/checkout/orders/:id", "orders.get", nothing, (turn, id) =>
    shown(showOrder(turn, findOrder(turn, id).view)),
  ),
  route("PATCH /v2/checkout/orders/:id", "orders.patch", patchSchema, (turn, id, body) => {
    patchOrder(turn, id, body);
    return { status: 204, full: null, minimal: null };
  }),
  route("POST /v2/checkout/orders/:id/authorize", "orders.authorize", completeSchema, (turn, id, body) =>
    completed(completeOrder(turn, { id, intent: "AUTHORIZE", body })),
  ),
  route("POST /v2/checkout/orders/:id/capture", "orders.capture", completeSchema, (turn, id, body) =>
    completed(completeOrder(turn, { id, intent: "CAPTURE", body })),
  ),
  route("GET /v2/payments/authorizations/:id", "authorizations.get", nothing, (turn, id) =>
    shown(findAuthorization(turn, id).view),
  ),
  route("POST /v2/payments/authorizations/:id/capture", "authorizations.capture", captureSchema, (turn, id, body) =>
    created(captureAuthorization(turn, id, body)),
  ),
  route("POST /v2/payments/authorizations/:id/void", "authorizations.void", nothing, (turn, id) => ({
    status: 200,
    full: voidAuthorization(turn, id),
    minimal: null,
    minimalStatus: 204,
  })),
  route(
    "POST /v2/payments/authorizations/:id/reauthorize",
    "authorizations.reauthorize",
    reauthorizeSchema,
    (turn, id, body) => created(reauthorize(turn, id, body)),
  ),
  route("GET /v2/payments/captures/:id", "captures.get", nothing, (turn, id) => shown(findCapture(turn, id).view)),
  route("POST /v2/payments/captures/:id/refund", "captures.refund", refundSchema, (turn, id, body) =>
    created(refundCapture(turn, id, body)),
  ),
  route("GET /v2/payments/refunds/:id", "refunds.get", nothing, (turn, id) => shown(findRefund(turn, id))),
  route("GET /v3/vault/payment-tokens", "vault.list", tokenListSchema, (turn, _id, query) =>
    shown(listTokens(turn, query)),
  ),
  route("GET /v3/vault/payment-tokens/:id", "vault.get", nothing, (turn, id) => shown(tokenOf(turn, id).view)),
  route("DELETE /v3/vault/payment-tokens/:id", "vault.delete", nothing, (turn, id) => {
    deleteToken(turn, id);
    return { status: 204, full: null, minimal: null };
  }),
  route("GET /v1/customer/disputes", "disputes.list", disputeListSchema, (turn, _id, query) =>
    shown(listDisputes(turn, query)),
  ),
  route("GET /v1/customer/disputes/:id", "disputes.get", nothing, (turn, id) =>
    shown(showDispute(turn, findDispute(turn, id).view)),
  ),
  route("POST /v1/customer/disputes/:id/provide-evidence", "disputes.evidence", evidenceSchema, (turn, id, body) =>
    shown(provideEvidence(turn, id, body)),
  ),
  route("POST /v1/customer/disputes/:id/accept-claim", "disputes.accept", nothing, (turn, id) =>
    shown(acceptClaim(turn, id)),
  ),
  route("POST /v1/customer/disputes/:id/adjudicate", "disputes.adjudicate", adjudicateSchema, (turn, id, body) =>
    shown(adjudicate(turn, id, body)),
  ),
  route("GET /v1/notifications/webhooks-events", "events.list", eventListSchema, (turn, _id, query) =>
    shown(listEvents(turn, query)),
  ),
  route("GET /v1/reporting/transactions", "transactions.search", searchSchema, (turn, _id, query) =>
    shown(searchTransactions(turn, query)),
  ),
];

/**
 * What fault rules may name. `webhook` strikes deliveries; `capture.settlement` and `refund.settlement` make the next
 * capture or refund pending: `delay` completes it later, `fail` lets it fail, `drop` leaves it pending. `vault.settlement` does
 * the same to a wallet that is to be saved. `reporting` with `delay` keeps the search that far behind.
 */
export const operations = [
  "oauth.token",
  "webhooks.verify",
  ...routes.map(({ operation }) => operation),
  "webhook",
  "capture.settlement",
  "refund.settlement",
  "vault.settlement",
  "reporting",
];

/** @throws 400 `INVALID_REQUEST` that points at the first member that does not fit. */
export function parseBody<Schema extends z.ZodType>(schema: Schema, body: unknown): z.infer<Schema> {
  const parsed = schema.safeParse(body, { reportInput: true });
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const field = `/${(issue?.path ?? []).map(String).join("/")}`;
  const missing = issue !== undefined && issue.code !== "unrecognized_keys" && issue.input === undefined;
  throw missing
    ? invalidRequest("MISSING_REQUIRED_PARAMETER", "A required field / parameter is missing.", field)
    : invalidRequest("INVALID_PARAMETER_VALUE", "The value of a field is invalid.", field);
}

function shown(view: unknown): Result {
  return { status: 200, full: view, minimal: view };
}

function created(view: { readonly id: string; readonly status: string; readonly links: readonly Link[] }): Result {
  return { status: 201, full: view, minimal: brief(view) };
}

function completed(order: Order): Result {
  const units = order.purchase_units.map(({ reference_id, payments }) => ({ reference_id, payments }));
  const { payer, payment_source } = order;
  return { status: 201, full: order, minimal: { ...brief(order), payment_source, payer, purchase_units: units } };
}

function brief({
  id,
  status,
  links,
}: {
  readonly id: string;
  readonly status: string;
  readonly links: readonly Link[];
}) {
  return { id, status, links };
}

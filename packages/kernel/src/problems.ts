/**
 * Every refusal the platform gives to the outside, listed once: HTTP status and title by stable code.
 * The body follows RFC 9457 (application/problem+json).
 */
export const problemCodes = {
  malformed_json: { status: 400, title: "Malformed JSON" },
  idempotency_key_required: { status: 400, title: "Idempotency key required" },
  bad_signature: { status: 400, title: "Bad signature" },
  unauthenticated: { status: 401, title: "Sign in first" },
  payment_declined: { status: 402, title: "Payment declined" },
  forbidden: { status: 403, title: "Not allowed" },
  second_factor_required: { status: 403, title: "Second factor required" },
  not_found: { status: 404, title: "Not found" },
  out_of_stock: { status: 409, title: "Out of stock" },
  price_changed: { status: 409, title: "Price changed" },
  cart_completed: { status: 409, title: "Cart already completed" },
  order_cancelled: { status: 409, title: "Order was cancelled" },
  order_not_cancellable: { status: 409, title: "Order cannot be cancelled" },
  request_in_progress: { status: 409, title: "Request in progress" },
  version_conflict: { status: 409, title: "Changed in between" },
  promotion_not_applicable: { status: 409, title: "Promotion not applicable" },
  gift_card_not_applicable: { status: 409, title: "Gift card not applicable" },
  state_conflict: { status: 409, title: "Not possible in this state" },
  payload_too_large: { status: 413, title: "Payload too large" },
  validation_failed: { status: 422, title: "Validation failed" },
  cart_empty: { status: 422, title: "Cart is empty" },
  email_required: { status: 422, title: "E-mail required" },
  shipping_address_required: { status: 422, title: "Shipping address required" },
  shipping_method_required: { status: 422, title: "Shipping method required" },
  idempotency_key_reused: { status: 422, title: "Idempotency key reused" },
  sku_unknown: { status: 422, title: "Unknown SKU" },
  currency_mismatch: { status: 422, title: "Currency mismatch" },
  rate_limited: { status: 429, title: "Too many requests" },
  internal_error: { status: 500, title: "Internal error" },
  service_unavailable: { status: 503, title: "Service unavailable" },
} as const satisfies Record<string, { status: number; title: string }>;

export type ProblemCode = keyof typeof problemCodes;
export type ProblemStatus = (typeof problemCodes)[ProblemCode]["status"];

export const PROBLEM_TYPE_BASE = "https://stoa.dev/problems/";

export interface FieldError {
  /** Dotted path of the member, e.g. "items.0.quantity"; "" for the body as a whole. */
  readonly path: string;
  readonly message: string;
  /** For what a program may want to tell from the rest; never changes its meaning. */
  readonly code?: FieldErrorCode;
}

/** `reference_not_found`: what the value leads to is not there. */
export type FieldErrorCode = "reference_not_found";

/** What a problem may carry beside its code. Members other than these are extension members of the answer's body. */
export interface ProblemMembers {
  readonly detail?: string;
  readonly errors?: readonly FieldError[];
  readonly retryAfterSeconds?: number;
  readonly [extension: string]: unknown;
}

/** A refusal on its way out. Throwing it inside a transaction rolls the transaction back. */
export class Problem extends Error {
  override readonly name = "Problem";

  constructor(
    readonly code: ProblemCode,
    readonly members: ProblemMembers = {},
  ) {
    super(members.detail ?? problemCodes[code].title);
  }

  get status(): ProblemStatus {
    return problemCodes[this.code].status;
  }
}

/** `throw problem("out_of_stock", { items })` becomes a 409 problem+json. */
export function problem(code: ProblemCode, members: ProblemMembers = {}): Problem {
  return new Problem(code, members);
}

/** The problem+json body. `requestId` ties it to the logs. */
export function problemBody(refusal: Problem, requestId: string): Record<string, unknown> {
  const { detail, retryAfterSeconds: _, ...extensions } = refusal.members;
  const { status, title } = problemCodes[refusal.code];
  return {
    type: PROBLEM_TYPE_BASE + refusal.code,
    title,
    status,
    detail: detail ?? title,
    code: refusal.code,
    requestId,
    ...extensions,
  };
}

export function isProblemCode(value: unknown): value is ProblemCode {
  return typeof value === "string" && Object.hasOwn(problemCodes, value);
}

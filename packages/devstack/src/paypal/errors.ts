import { randomBytes } from "node:crypto";
import type { Link } from "./objects.ts";

/** Business refusals by issue; source: PayPal's specifications of Orders v2 and Payments v2. */
export const issues = {
  ACTION_DOES_NOT_MATCH_INTENT:
    "Order was created with an intent that does not match this call. Use authorize for AUTHORIZE and capture for CAPTURE.",
  AMOUNT_MISMATCH:
    "Should equal item_total + tax_total + shipping + handling + insurance - shipping_discount - discount.",
  ACTION_NOT_ALLOWED_IN_CURRENT_DISPUTE_STATE: "The action is not allowed in the current state of the dispute.",
  AUTHORIZATION_ALREADY_CAPTURED: "Authorization has previously been captured.",
  AUTHORIZATION_AMOUNT_LIMIT_EXCEEDED: "Authorization amount exceeds allowable limit.",
  AUTHORIZATION_EXPIRED: "An expired authorization cannot be captured.",
  AUTHORIZATION_VOIDED: "A voided authorization cannot be captured or reauthorized.",
  AUTH_CAPTURE_CURRENCY_MISMATCH: "Currency of capture must be the same as currency of authorization.",
  AUTH_CURRENCY_MISMATCH: "The currency of the authorization should be same as that with which the Order was created.",
  CANNOT_BE_ZERO_OR_NEGATIVE:
    "Must be greater than zero. If the currency supports decimals, only two decimal place precision is supported.",
  REFUND_NOT_PERMITTED_DUE_TO_CHARGEBACK:
    "Refunds not allowed on this capture due to a chargeback on the card or bank.",
  CAPTURE_FULLY_REFUNDED: "The capture has already been fully refunded.",
  CAPTURE_NOT_COMPLETED: "The capture is not completed and cannot be refunded.",
  DECIMALS_NOT_SUPPORTED: "Currency does not support decimals.",
  DECIMAL_PRECISION: "If the currency supports decimals, only two decimal place precision is supported.",
  DUPLICATE_INVOICE_ID: "Requested invoice_id has been previously captured. Possible duplicate transaction.",
  DUPLICATE_REFERENCE_ID: "reference_id must be unique if multiple purchase_unit are provided.",
  INSTRUMENT_DECLINED:
    "The instrument presented was either declined by the processor or bank, or it can't be used for this payment.",
  INVALID_CURRENCY_CODE: "Currency code is invalid or is not currently supported.",
  ITEM_TOTAL_MISMATCH: "Should equal sum of (unit_amount * quantity) across all items for a given purchase_unit.",
  MAX_CAPTURE_AMOUNT_EXCEEDED: "Capture amount exceeds allowable limit. The default overage limit is 115%.",
  MAX_CAPTURE_COUNT_EXCEEDED: "Maximum number of allowable captures has been reached.",
  MULTI_CURRENCY_ORDER: "Multiple differing values of currency_code are not supported.",
  NOT_PATCHABLE: "Cannot be patched.",
  ORDER_ALREADY_AUTHORIZED: "Order already authorized.",
  ORDER_ALREADY_CAPTURED: "Order already captured.",
  ORDER_ALREADY_COMPLETED: "The order cannot be patched after it is completed.",
  ORDER_NOT_APPROVED: "Payer has not yet approved the Order for payment.",
  PAYMENT_SOURCE_CANNOT_BE_USED: "The provided payment source cannot be used to pay for the order.",
  PREVIOUSLY_CAPTURED: "Authorization has been previously captured and hence cannot be voided.",
  PREVIOUSLY_VOIDED: "Authorization has been previously voided and hence cannot be voided again.",
  REAUTHORIZATION_NOT_SUPPORTED:
    "A reauthorize cannot be attempted on an authorization_id that is the result of a prior reauthorization.",
  REAUTHORIZATION_TOO_SOON:
    "A reauthorization is only allowed once from Day 4 to Day 29 since the date of the original authorization.",
  REFERENCE_ID_NOT_FOUND: "Filter expression value is incorrect. Please check the value of the reference_id.",
  REFUND_AMOUNT_EXCEEDED:
    "The refund amount must be less than or equal to the capture amount that has not yet been refunded.",
  REFUND_CURRENCY_MISMATCH: "Refund must be in the same currency as the capture.",
  TOKEN_ID_NOT_FOUND: "Specified token was not found. Verify the token and try the request again.",
} as const;

export type Issue = keyof typeof issues;

const messages: Readonly<Record<string, string>> = {
  INTERNAL_SERVER_ERROR: "An internal server error occurred.",
  INVALID_REQUEST: "Request is not well-formed, syntactically incorrect, or violates schema.",
  RATE_LIMIT_REACHED: "Too many requests. Blocked due to rate limiting.",
  RESOURCE_CONFLICT: "The server has detected a conflict while processing this request.",
  RESOURCE_NOT_FOUND: "The specified resource does not exist.",
  SERVICE_UNAVAILABLE: "Service Unavailable.",
  UNPROCESSABLE_ENTITY:
    "The requested action could not be performed, semantically incorrect, or failed business validation.",
};

export interface Detail {
  readonly issue: string;
  readonly description: string;
  /** JSON pointer into the request's body. */
  readonly field?: string;
}

/** An answer of PayPal's that is not 2xx. It leaves no trace: its transaction is rolled back. */
export class PaypalRefusal extends Error {
  override readonly name = "PaypalRefusal";

  constructor(
    readonly status: number,
    /** The family of the error, e.g. `UNPROCESSABLE_ENTITY`. */
    readonly code: string,
    readonly details: readonly Detail[] = [],
    readonly links: readonly Link[] = [],
  ) {
    super(details[0]?.issue ?? code);
  }
}

export function errorBody(refusal: PaypalRefusal, debugId: string): Readonly<Record<string, unknown>> {
  const { code, details, links } = refusal;
  const information = details.map(({ issue }) => ({
    href: `https://developer.paypal.com/docs/api/orders/v2/#error-${issue}`,
    rel: "information_link",
    method: "GET",
  }));
  return {
    name: code,
    message: messages[code] ?? "The request failed.",
    debug_id: debugId,
    details,
    links: [...links, ...information],
  };
}

/** 422 with the issue's own words. */
export function unprocessable(issue: Issue, field?: string, links: readonly Link[] = []): PaypalRefusal {
  const detail = { issue, description: issues[issue], ...(field === undefined ? {} : { field }) };
  return new PaypalRefusal(422, "UNPROCESSABLE_ENTITY", [detail], links);
}

export function invalidRequest(issue: string, description: string, field?: string): PaypalRefusal {
  return new PaypalRefusal(400, "INVALID_REQUEST", [{ issue, description, ...(field === undefined ? {} : { field }) }]);
}

export function notFound(): PaypalRefusal {
  const description = "Specified resource ID does not exist. Please check the resource ID and try again.";
  return new PaypalRefusal(404, "RESOURCE_NOT_FOUND", [{ issue: "INVALID_RESOURCE_ID", description }]);
}

export function newDebugId(): string {
  return randomBytes(7).toString("hex").slice(0, 13);
}

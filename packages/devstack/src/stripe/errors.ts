import type { PaymentIntent, StripeErrorBody } from "./objects.ts";

/** What a refusal leaves behind: nothing, or the failed charge and its events. */
export type Trace = "nothing" | "effects";

/** An answer of Stripe's that is not 2xx. */
export class StripeRefusal extends Error {
  override readonly name = "StripeRefusal";

  constructor(
    readonly status: number,
    readonly body: StripeErrorBody,
    /** False when parameters failed validation: then nothing is kept under the idempotency key. */
    readonly executed: boolean,
    readonly trace: Trace = "nothing",
  ) {
    super(body.message);
  }
}

export function docUrl(code: string): string {
  return `https://stripe.com/docs/error-codes/${code.replaceAll("_", "-")}`;
}

/** 400 before anything ran: the parameters themselves are wrong. */
export function invalidParameter(message: string, code?: string, param?: string): StripeRefusal {
  return new StripeRefusal(400, invalidRequest(message, code, param), false);
}

/** 400 from within the endpoint: the request is well formed, the state of things forbids it. */
export function refused(message: string, code?: string, param?: string): StripeRefusal {
  return new StripeRefusal(400, invalidRequest(message, code, param), true);
}

export function unexpectedState(message: string, intent: PaymentIntent): StripeRefusal {
  const body = { ...invalidRequest(message, "payment_intent_unexpected_state"), payment_intent: intent };
  return new StripeRefusal(400, body, true);
}

/** Stripe answers 404 for the object in the path and 400 for one that a parameter names. */
export function noSuch(what: string, id: string, param = "id"): StripeRefusal {
  const body = invalidRequest(`No such ${what}: '${id}'`, "resource_missing", param);
  return new StripeRefusal(param === "id" ? 404 : 400, body, true);
}

export function cardError(body: Omit<StripeErrorBody, "type" | "doc_url"> & { readonly code: string }): StripeRefusal {
  return new StripeRefusal(402, { ...body, type: "card_error", doc_url: docUrl(body.code) }, true, "effects");
}

function invalidRequest(message: string, code?: string, param?: string): StripeErrorBody {
  return {
    type: "invalid_request_error",
    message,
    ...(code === undefined ? {} : { code, doc_url: docUrl(code) }),
    ...(param === undefined ? {} : { param }),
  };
}

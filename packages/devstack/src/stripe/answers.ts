import { type DoorAnswer, jsonAnswer } from "../stand-in/http-door.ts";
import { StripeRefusal } from "./errors.ts";
import { API_VERSION, newId } from "./turn.ts";

type ExtraHeaders = Readonly<Record<string, string>>;

/** A 2xx answer, or one that was stored. */
export function reply(status: number, body: string, requestId: string, extra: ExtraHeaders = {}): DoorAnswer {
  return { status, headers: { "content-type": "application/json", ...commonHeaders(requestId), ...extra }, body };
}

export function refusalAnswer(refusal: StripeRefusal, requestId: string, extra: ExtraHeaders = {}): DoorAnswer {
  const error = { ...refusal.body, request_log_url: `https://dashboard.stripe.com/test/logs/${requestId}` };
  return jsonAnswer(refusal.status, { error }, { ...commonHeaders(requestId), ...extra });
}

/** What a caller sees when the stand-in itself is broken. */
export function failureAnswer(error: unknown): DoorAnswer {
  const message = `The Stripe stand-in failed: ${error instanceof Error ? error.message : String(error)}`;
  return refusalAnswer(new StripeRefusal(500, { type: "api_error", message }, false), newId("req"));
}

export function tooLargeAnswer(): DoorAnswer {
  const body = { type: "invalid_request_error", message: "Request body is too large." } as const;
  return refusalAnswer(new StripeRefusal(413, body, false), newId("req"));
}

function commonHeaders(requestId: string): ExtraHeaders {
  return { "request-id": requestId, "stripe-version": API_VERSION };
}

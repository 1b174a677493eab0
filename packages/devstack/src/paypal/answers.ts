import type { Failure } from "../stand-in/fault-gate.ts";
import { type DoorAnswer, jsonAnswer } from "../stand-in/http-door.ts";
import { errorBody, newDebugId, PaypalRefusal } from "./errors.ts";

export function refusalAnswer(refusal: PaypalRefusal, extra: Readonly<Record<string, string>> = {}): DoorAnswer {
  const debugId = newDebugId();
  return jsonAnswer(refusal.status, errorBody(refusal, debugId), { "paypal-debug-id": debugId, ...extra });
}

/** A kept answer, or a fresh one; an empty body is an answer without content. */
export function reply(status: number, body: string): DoorAnswer {
  const headers = { "paypal-debug-id": newDebugId() };
  return { status, headers: body === "" ? headers : { "content-type": "application/json", ...headers }, body };
}

/** What a caller sees when the stand-in itself is broken. */
export function failureAnswer(error: unknown): DoorAnswer {
  const description = `The PayPal stand-in failed: ${error instanceof Error ? error.message : String(error)}`;
  return refusalAnswer(new PaypalRefusal(500, "INTERNAL_SERVER_ERROR", [{ issue: "STAND_IN_FAILED", description }]));
}

export function tooLargeAnswer(): DoorAnswer {
  const description = "The request body is too large.";
  return refusalAnswer(new PaypalRefusal(413, "INVALID_REQUEST", [{ issue: "PAYLOAD_TOO_LARGE", description }]));
}

/** A call that a fault rule lets fail; nothing has happened and nothing is kept under its request id. */
export function injectedFailure({ status = 503, code, retryAfterSeconds }: Failure): DoorAnswer {
  const details = code === undefined ? [] : [{ issue: code, description: code }];
  const extra = retryAfterSeconds === undefined ? {} : { "retry-after": String(retryAfterSeconds) };
  return refusalAnswer(new PaypalRefusal(status, familyOf(status), details), extra);
}

function familyOf(status: number): string {
  if (status === 429) return "RATE_LIMIT_REACHED";
  if (status === 422) return "UNPROCESSABLE_ENTITY";
  if (status < 500) return "INVALID_REQUEST";
  return status === 500 ? "INTERNAL_SERVER_ERROR" : "SERVICE_UNAVAILABLE";
}

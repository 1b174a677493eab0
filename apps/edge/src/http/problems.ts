import { fieldErrors, Problem, problem, problemBody } from "@stoa/kernel";
import { Unavailable } from "@stoa/runtime/portable";
import type { z } from "zod";

const RETRY_AFTER_SECONDS = 2;

/** What a failure is to the outside. What is not a refusal says no more than that something went wrong. */
export function toProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof Unavailable) return problem("service_unavailable", { retryAfterSeconds: RETRY_AFTER_SECONDS });
  return problem("internal_error");
}

/** Whether the shop itself could not answer; a refusal of what was asked is none. */
export function isOutage(error: unknown): boolean {
  return toProblem(error).status >= 500;
}

/** A refusal as `application/problem+json` (RFC 9457), with `Retry-After` where waiting helps. */
export function problemResponse(refusal: Problem, requestId: string): Response {
  const headers: Record<string, string> = {
    "content-type": "application/problem+json",
    "cache-control": "private, no-store",
  };
  const { retryAfterSeconds } = refusal.members;
  const waits = refusal.code === "service_unavailable" ? RETRY_AFTER_SECONDS : undefined;
  const seconds = retryAfterSeconds ?? waits;
  if (seconds !== undefined) headers["retry-after"] = String(Math.max(1, Math.ceil(seconds)));
  return new Response(JSON.stringify(problemBody(refusal, requestId)), { status: refusal.status, headers });
}

/** A 422 that names each wrong member by its path and repeats no value. */
export function validationProblem(error: z.ZodError, at = ""): Problem {
  return problem("validation_failed", { errors: fieldErrors(error, at) });
}

import type { Logger } from "@stoa/runtime";

const SAID_LENGTH_MAX = 300;

/**
 * What better-auth has to say, as lines of the shop's own log: by itself it writes coloured text over several lines, with what callers
 * have sent in it. That a caller was refused is no error of the shop's, and the answer says it.
 */
export function authLog(logger: Logger) {
  return {
    // No level is set: with one it also writes each refusal by its own logger.
    log(level: string, message: string, ...given: unknown[]): void {
      const said = String(message).slice(0, SAID_LENGTH_MAX);
      const error = given.find((one) => one instanceof Error);
      if (level === "error" && error && !isRefusal(error)) logger.error("a call to sign in failed", { said, error });
      else logger.debug("said by better-auth", { said });
    },
  };
}

/** Its own errors are about what was sent; all others come from below it. */
function isRefusal(error: Error): boolean {
  if ("status" in error) return error.status !== "INTERNAL_SERVER_ERROR";
  return error.name === "BetterAuthError";
}

/** better-auth's limits by address answer without a code, and say how long to wait in a header of their own. */
export function withCode(answer: Response): Response {
  const waitSeconds = answer.headers.get("x-retry-after");
  if (answer.status !== 429 || waitSeconds === null) return answer;
  const body = { code: "TOO_MANY_TRIES", message: "Too many tries. Wait a while." };
  return Response.json(body, { status: 429, headers: { "retry-after": waitSeconds } });
}

import type { Instant } from "@stoa/kernel";
import { redactText } from "@stoa/runtime";
import { keepTryingMs, type MailKind } from "./kinds.ts";

const RETRY_FIRST_MS = 10_000;
const RETRY_MAX_MS = 60 * 60 * 1_000;
const ERROR_TEXT_MAX = 300;

/** What becomes of a mail that could not be handed over. */
export type Verdict =
  | { readonly kind: "again"; readonly at: Instant; readonly error: string }
  | { readonly kind: "dead"; readonly error: string };

export interface FailedTry {
  readonly error: unknown;
  readonly kind: MailKind;
  readonly createdAt: Instant;
  /** Tries so far, this one included. */
  readonly attempts: number;
  readonly now: Instant;
  /** From 0 to 1, so that many mails do not come back together. */
  readonly random: number;
}

/**
 * Decides about a failed try. A server that refuses this recipient or this mail for good (5xx) will not change its mind; everything
 * else, a wrong password of ours included, is tried with growing pauses until the mail is too old to be of use.
 */
export function judgeFailure({ error, kind, createdAt, attempts, now, random }: FailedTry): Verdict {
  const text = describe(error);
  if (isRefusedForGood(error)) return { kind: "dead", error: text };
  const pauseMs = Math.min(RETRY_MAX_MS, RETRY_FIRST_MS * 3 ** Math.min(attempts - 1, 12));
  const at = (now + Math.round(pauseMs * (0.75 + random / 2))) as Instant;
  return at - createdAt > keepTryingMs(kind) ? { kind: "dead", error: text } : { kind: "again", at, error: text };
}

function isRefusedForGood(error: unknown): boolean {
  if (typeof error !== "object" || error === null) return false;
  const { responseCode, code } = error as { readonly responseCode?: unknown; readonly code?: unknown };
  const isAboutTheMail = code === "EENVELOPE" || code === "EMESSAGE";
  return isAboutTheMail && typeof responseCode === "number" && responseCode >= 550 && responseCode < 560;
}

/** A server's words may hold the address it refused; it must not stay here. */
function describe(error: unknown): string {
  return withoutAddresses(error instanceof Error ? `${error.name}: ${error.message}` : String(error));
}

export function withoutAddresses(text: string): string {
  return redactText(text)
    .replaceAll(/\S*@\S*/g, "[redacted]")
    .slice(0, ERROR_TEXT_MAX);
}

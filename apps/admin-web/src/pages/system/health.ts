import type { Outputs } from "../../trpc.ts";

export type Health = Outputs["system"]["health"];

/** Messages leave within a second when all is well. */
const LAG_WARN_SECONDS = 30;
/** A mail that was not taken is tried again after seconds, then minutes. */
const MAIL_WARN_SECONDS = 300;

export function isOutboxBehind({ lagSeconds }: Health["outbox"]): boolean {
  return lagSeconds > LAG_WARN_SECONDS;
}

export function isMailBehind({ waiting, oldestSeconds }: Health["mail"]): boolean {
  return waiting > 0 && oldestSeconds > MAIL_WARN_SECONDS;
}

export type Verdict = "well" | "attention" | "down";

/** How the shop as a whole is doing: what is away, what somebody should look at. */
export function verdictOf({ dependencies, providers, mail, outbox, stuck }: Health): Verdict {
  if (!dependencies.ok || providers.some(({ breaker }) => breaker === "open")) return "down";
  const isMailIll = isMailBehind(mail) || mail.failing > 0 || mail.dead > 0;
  const isIll = stuck.length > 0 || outbox.deadLetters > 0 || isOutboxBehind(outbox) || isMailIll;
  return isIll ? "attention" : "well";
}

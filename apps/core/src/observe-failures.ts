import { type Logger, type RepeatedFailures, repeatedFailures } from "@stoa/runtime";

/** An operator who looks at the end of the log sees what is failing, and still finds everything else in it. */
const EVERY_MS = 60_000;

export interface FailureWords {
  readonly level: "warn" | "error";
  readonly failed: string;
  readonly over: string;
  /** The member of the line that names the work: "chore". */
  readonly named: string;
}

/** Writes what goes wrong again and again: its beginning at once, then once a minute how often, and its end. */
export function failureLog(logger: Logger, words: FailureWords): RepeatedFailures {
  return repeatedFailures({
    everyMs: EVERY_MS,
    told: ({ work, count, error }) => logger[words.level](words.failed, { [words.named]: work, count, error }),
    over: ({ work, count }) => logger.info(words.over, { [words.named]: work, count }),
  });
}

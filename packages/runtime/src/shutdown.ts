import type { Logger } from "./logger.ts";

export interface RunOptions {
  /** Stops taking work and resolves when what was under way is done. */
  readonly stop: () => Promise<void>;
  /** How long `stop` may take before the process ends all the same, with exit code 1. */
  readonly deadlineMs: number;
  readonly logger: Logger;
}

/**
 * Waits for SIGTERM or SIGINT, stops, and ends the process: code 0 when `stop` finished in time, else 1.
 * A second signal ends it at once.
 */
export async function runUntilSignal(options: RunOptions): Promise<never> {
  const signal = await nextSignal();
  options.logger.info("stopping", { signal });
  const hurried = nextSignal().then(() => "told twice" as const);
  const deadline = Bun.sleep(options.deadlineMs).then(() => "deadline passed" as const);
  const stopped = Promise.try(options.stop).then(
    () => "stopped" as const,
    (error: unknown) => {
      options.logger.error("stopping failed", { error });
      return "failed" as const;
    },
  );
  const outcome = await Promise.race([stopped, deadline, hurried]);
  options.logger.info("stopped", { outcome });
  return process.exit(outcome === "stopped" ? 0 : 1);
}

function nextSignal(): Promise<string> {
  return new Promise((resolve) => {
    const listen = (signal: string) => {
      for (const name of ["SIGTERM", "SIGINT"]) process.off(name, listen);
      resolve(signal);
    };
    for (const name of ["SIGTERM", "SIGINT"]) process.on(name, listen);
  });
}

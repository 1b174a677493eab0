const CACHE_MS_MAX = 1_000;

export interface CheckResult {
  readonly ok: boolean;
  readonly latencyMs: number;
  /** "timed out" or "failed"; what the dependency said stays out of the answer. */
  readonly reason?: string;
}

export interface HealthReport {
  readonly ok: boolean;
  readonly checks: Readonly<Record<string, CheckResult>>;
}

export interface HealthOptions {
  /** Resolves when the dependency is usable, rejects when not. */
  readonly checks: Readonly<Record<string, () => Promise<void>>>;
  readonly timeoutMs: number;
  /** Told once for each failed check, with the error that the answer hides. */
  readonly onFailure?: (name: string, error: unknown) => void;
  /** Milliseconds; a test brings its own. */
  readonly now?: () => number;
  /** Calls back after so many milliseconds, unless what it answers is called before; a test brings its own. */
  readonly timer?: (ms: number, late: () => void) => () => void;
}

export interface Health {
  /** Runs all checks at once. Callers that come meanwhile share the run, and its result stands for at most a second. */
  check(): Promise<HealthReport>;
}

/** Asks the dependencies of a process how they are. A check that takes longer than `timeoutMs` counts as failed. */
export function createHealth(options: HealthOptions): Health {
  const { now = () => performance.now() } = options;
  let running: Promise<HealthReport> | null = null;
  let last: { report: HealthReport; at: number } | null = null;
  return {
    check: () => {
      if (last && now() - last.at < CACHE_MS_MAX) return Promise.resolve(last.report);
      running ??= runChecks(options)
        .then((report) => {
          last = { report, at: now() };
          return report;
        })
        .finally(() => {
          running = null;
        });
      return running;
    },
  };
}

async function runChecks(options: HealthOptions): Promise<HealthReport> {
  const entries = Object.entries(options.checks).map(async ([name, check]) => {
    return [name, await runCheck(name, check, options)] as const;
  });
  const checks = Object.fromEntries(await Promise.all(entries));
  return { ok: Object.values(checks).every((result) => result.ok), checks };
}

function realTimer(ms: number, late: () => void): () => void {
  const timer = setTimeout(late, ms);
  return () => clearTimeout(timer);
}

async function runCheck(name: string, check: () => Promise<void>, options: HealthOptions): Promise<CheckResult> {
  const { timer = realTimer } = options;
  const startedAt = performance.now();
  const { promise: deadline, resolve } = Promise.withResolvers<"timed out">();
  const inTime = timer(options.timeoutMs, () => resolve("timed out"));
  const attempt = Promise.try(check).then(
    () => "ok" as const,
    (error: unknown) => {
      options.onFailure?.(name, error);
      return "failed" as const;
    },
  );
  const outcome = await Promise.race([attempt, deadline]);
  inTime();
  const latencyMs = Math.round(performance.now() - startedAt);
  if (outcome === "timed out") options.onFailure?.(name, new Error(`no answer within ${options.timeoutMs} ms`));
  return outcome === "ok" ? { ok: true, latencyMs } : { ok: false, latencyMs, reason: outcome };
}

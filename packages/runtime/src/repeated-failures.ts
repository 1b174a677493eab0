export interface FailuresTold {
  readonly work: string;
  /** Failures since it was told last, this one included. */
  readonly count: number;
  readonly error: unknown;
}

export interface RepeatedFailuresOptions {
  /** Between two tellings of one work that keeps failing in the same way. */
  readonly everyMs: number;
  readonly told: (failures: FailuresTold) => void;
  /** The work has succeeded again after it was told; `count` failures have not been told since. */
  readonly over: (ended: Omit<FailuresTold, "error">) => void;
  /** A test brings its own time. */
  readonly now?: () => number;
}

export interface RepeatedFailures {
  failed(work: string, error: unknown): void;
  done(work: string): void;
}

interface Failing {
  untold: number;
  toldAt: number;
  isDown: boolean;
  /** Kinds of errors that were told since `toldAt`. */
  readonly kinds: Set<string>;
}

/**
 * Tells the first failure of a work at once, the next ones of its kind at most once in a while with their count, and when it succeeds
 * again: what is tried many times a second would else fill the log with one and the same cause. Works are few and named by the program.
 */
export function repeatedFailures({
  everyMs,
  told,
  over,
  now = performance.now.bind(performance),
}: RepeatedFailuresOptions): RepeatedFailures {
  const works = new Map<string, Failing>();
  return {
    failed(work, error) {
      const failing = works.get(work) ?? { untold: 0, toldAt: -Infinity, isDown: false, kinds: new Set() };
      works.set(work, failing);
      failing.untold += 1;
      const kind = error instanceof Error ? error.name : typeof error;
      const isDue = now() - failing.toldAt >= everyMs;
      if (!isDue && failing.kinds.has(kind)) return;
      if (isDue) failing.kinds.clear();
      failing.kinds.add(kind);
      told({ work, error, count: failing.untold });
      Object.assign(failing, { untold: 0, toldAt: now(), isDown: true });
    },
    done(work) {
      const failing = works.get(work);
      if (!failing?.isDown) return;
      over({ work, count: failing.untold });
      Object.assign(failing, { untold: 0, isDown: false });
    },
  };
}

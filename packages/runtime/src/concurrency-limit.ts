export interface LimitOptions {
  /** Most calls at once. */
  readonly concurrent: number;
  /** How many more may wait for a place. */
  readonly queued: number;
  /** Longest wait for a place. */
  readonly waitMs: number;
  /** With it the limit moves below `concurrent`, so that half of the calls end within so long; never below the floor. */
  readonly adapt?: Adaptation | undefined;
  readonly now?: () => number;
}

export interface Adaptation {
  readonly targetMs: number;
  readonly floor: number;
  /** Where it begins: low, because what grows under a crowd has it served all the while, and what has to shrink has not. */
  readonly start: number;
}

/** There was no place for the call; it was never begun. */
export class LimitReached extends Error {
  override readonly name = "LimitReached";
}

interface Waiting {
  readonly enter: () => void;
  readonly timer: ReturnType<typeof setTimeout>;
}

/** What has ended since the limit was last thought about. */
interface Window {
  readonly startedAt: number;
  readonly durations: number[];
  wasFull: boolean;
}

const WINDOW_CALLS_MIN = 10;
const WINDOW_MS_MIN = 200;

/**
 * So many calls at once and no more. More than a dependency can work on only makes all of them slower, in the end slower than anybody
 * waits; what has no place is better told so at once. How many that is shows in how long calls take.
 */
export class ConcurrencyLimit {
  readonly #waiting: Waiting[] = [];
  #running = 0;
  #limit: number;
  #window: Window;
  /** How long half of the calls took of late. */
  #medianMs = 0;

  constructor(readonly options: LimitOptions) {
    this.#limit = options.adapt?.start ?? options.concurrent;
    this.#window = this.#newWindow();
  }

  get state(): { readonly running: number; readonly waiting: number; readonly limit: number } {
    return { running: this.#running, waiting: this.#waiting.length, limit: this.#limit };
  }

  /**
   * Whether whoever comes now had better be sent away at once: nobody else fits into the queue, or it would take more than half of the
   * longest wait until those before have had their turn. The other half is for calls that take longer than they did.
   */
  get isFull(): boolean {
    if (this.#running < this.#limit) return false;
    const { queued, waitMs } = this.options;
    const waiting = this.#waiting.length;
    return waiting >= queued || (waiting * this.#medianMs) / this.#limit > waitMs / 2;
  }

  /** @throws LimitReached when the queue is full or the wait was too long, else what the work throws. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running < this.#limit) this.#running += 1;
    else await this.#place();
    const startedAt = this.#now();
    try {
      return await work();
    } finally {
      this.#running -= 1;
      this.#learn(this.#now() - startedAt);
      this.#admit();
    }
  }

  #place(): Promise<void> {
    this.#window.wasFull = true;
    if (this.isFull) return Promise.reject(new LimitReached());
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.splice(this.#waiting.indexOf(waiting), 1);
        reject(new LimitReached());
      }, this.options.waitMs);
      const waiting: Waiting = { enter: resolve, timer };
      this.#waiting.push(waiting);
    });
  }

  #admit(): void {
    while (this.#running < this.#limit) {
      const waiting = this.#waiting.shift();
      if (!waiting) return;
      clearTimeout(waiting.timer);
      this.#running += 1;
      waiting.enter();
    }
  }

  #learn(durationMs: number): void {
    const { adapt, concurrent } = this.options;
    const { durations, startedAt, wasFull } = this.#window;
    durations.push(durationMs);
    if (durations.length < WINDOW_CALLS_MIN || this.#now() - startedAt < WINDOW_MS_MIN) return;
    durations.sort((left, right) => left - right);
    const medianMs = durations[durations.length >> 1] ?? 0;
    this.#medianMs = medianMs;
    if (adapt) this.#limit = nextLimit(this.#limit, { medianMs, wasFull }, { ...adapt, concurrent });
    this.#window = this.#newWindow();
  }

  #newWindow(): Window {
    return { startedAt: this.#now(), durations: [], wasFull: false };
  }

  #now(): number {
    return this.options.now?.() ?? performance.now();
  }
}

/** Less by how much too long calls take, a fifth to a half; a tenth more while they do not and callers had to wait; else as it is. */
export function nextLimit(
  limit: number,
  seen: { readonly medianMs: number; readonly wasFull: boolean },
  { targetMs, floor, concurrent }: Omit<Adaptation, "start"> & Pick<LimitOptions, "concurrent">,
): number {
  if (seen.medianMs > targetMs) {
    const share = Math.min(0.8, Math.max(0.5, targetMs / seen.medianMs));
    return Math.max(Math.min(floor, concurrent), Math.floor(limit * share));
  }
  return seen.wasFull ? Math.min(concurrent, limit + Math.ceil(limit / 10)) : limit;
}

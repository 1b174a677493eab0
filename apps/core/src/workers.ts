/** Work that is done again and again: sweeps that find what a crash or a lost delivery has left. */
export interface Chore {
  readonly name: string;
  readonly everyMs: number;
  /** Answers how much it found; it is run again at once while that is not nothing. Told when nothing new is to be begun. */
  readonly run: (stopping: AbortSignal) => Promise<number>;
}

/**
 * The answer of a sweep that leaves alone what it cannot do: how many it dealt with, and 0 where some failed, because it would find
 * those again at once. Each that failed is told of.
 */
export function told<F>(done: number, failed: readonly F[], tell: (one: F) => void): number {
  for (const one of failed) tell(one);
  return failed.length > 0 ? 0 : done;
}

export interface ChoreObserver {
  done(name: string, found: number, durationMs: number): void;
  failed(name: string, error: unknown): void;
}

const ROUNDS_MAX = 100;

/**
 * Runs each chore on its own beat. A chore never runs beside itself in one process; several processes may run the same one,
 * because each claims its rows. Disposing waits for what is under way.
 */
export function startChores(chores: readonly Chore[], observe: ChoreObserver): AsyncDisposable {
  const stopping = new AbortController();
  const loops = chores.map((chore) => loop(chore, observe, stopping.signal));
  return {
    async [Symbol.asyncDispose]() {
      stopping.abort();
      await Promise.all(loops);
    },
  };
}

async function loop(chore: Chore, observe: ChoreObserver, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await pause(chore.everyMs * (0.8 + 0.4 * Math.random()), signal);
    for (let round = 0; round < ROUNDS_MAX && !signal.aborted; round += 1) {
      if ((await once(chore, observe, signal)) === 0) break;
    }
  }
}

async function once(chore: Chore, observe: ChoreObserver, signal: AbortSignal): Promise<number> {
  const startedAt = performance.now();
  try {
    const found = await chore.run(signal);
    observe.done(chore.name, found, performance.now() - startedAt);
    return found;
  } catch (error) {
    observe.failed(chore.name, error);
    return 0;
  }
}

function pause(durationMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(finish, durationMs);
    signal.addEventListener("abort", finish, { once: true });
    function finish() {
      clearTimeout(timer);
      signal.removeEventListener("abort", finish);
      resolve();
    }
  });
}

import type { BreakerState } from "./breaker.ts";
import { type ResilienceEvent, type ResilienceOptions, type Resilient, resilient } from "./resilience.ts";

/** How a dependency stands; the counts only where calls to it are limited. */
export interface DependencyState {
  readonly breaker: BreakerState;
  readonly running?: number;
  readonly waiting?: number;
  readonly limit?: number;
}

/** All guards of one process, so that its operators see how its dependencies stand. */
export class Guards {
  readonly #states = new Map<string, () => DependencyState>();
  readonly #guards = new Map<string, Resilient>();

  constructor(readonly observe: (event: ResilienceEvent) => void = () => {}) {}

  /** A guard for all calls to one dependency, under a name of its own. */
  guard(options: Omit<ResilienceOptions, "observe">): Resilient {
    const guard = resilient({ ...options, observe: this.observe });
    this.watch(options.name, guard.state);
    this.#guards.set(options.name, guard);
    return guard;
  }

  /** Whether calls to a dependency would be turned away at once because too many wait already. */
  isFull(name: string): boolean {
    return this.#guards.get(name)?.isFull() ?? false;
  }

  /** Shows a dependency that is guarded in a way of its own. */
  watch(name: string, state: () => DependencyState): void {
    this.#states.set(name, state);
  }

  states(): Record<string, DependencyState> {
    return Object.fromEntries([...this.#states].map(([name, state]) => [name, state()]));
  }
}

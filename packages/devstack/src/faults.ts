/**
 * What a stand-in does to the next matching call.
 * `drop` cuts the connection before anything happened; `loseAnswer` cuts it after the effect was stored.
 */
export type FaultAction =
  | { readonly kind: "fail"; readonly status?: number; readonly code?: string; readonly retryAfterSeconds?: number }
  | { readonly kind: "delay"; readonly delayMs: number }
  | { readonly kind: "drop" }
  | { readonly kind: "loseAnswer" }
  | { readonly kind: "duplicate" }
  | { readonly kind: "reorder" };

export interface FaultRule {
  /** Name of an operation as the stand-in's documentation lists them, or "*" for every one. */
  readonly operation: string;
  readonly action: FaultAction;
  /** How many matching calls it strikes; without it, every one until cleared. */
  readonly times?: number;
  /** How many matching calls pass before it starts to strike. Default 0. */
  readonly after?: number;
  /** Chance from 0 to 1 that a matching call is struck, drawn from the seed. Default 1. */
  readonly probability?: number;
}

interface Armed {
  readonly rule: FaultRule;
  seen: number;
  struck: number;
}

/** The fault knobs of one stand-in: same seed, same calls, same faults. */
export class Faults {
  #rules: Armed[] = [];
  #random: () => number;

  constructor(seed: number) {
    this.#random = seededRandom(seed);
  }

  arm(rule: FaultRule): void {
    this.#rules.push({ rule, seen: 0, struck: 0 });
  }

  clear(): void {
    this.#rules = [];
  }

  /** The action for this call, or null to behave. The first armed rule that matches and still has strikes left decides. */
  next(operation: string): FaultAction | null {
    for (const armed of this.#rules) {
      const { rule } = armed;
      if (rule.operation !== "*" && rule.operation !== operation) continue;
      armed.seen += 1;
      if (armed.seen <= (rule.after ?? 0)) continue;
      if (armed.struck >= (rule.times ?? Number.POSITIVE_INFINITY)) continue;
      if (this.#random() >= (rule.probability ?? 1)) continue;
      armed.struck += 1;
      return rule.action;
    }
    return null;
  }
}

/** mulberry32: a small generator with a 32-bit seed, good enough to choose faults and the same on every machine. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

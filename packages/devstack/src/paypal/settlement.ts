import type { Turn } from "./turn.ts";

const DELAY_MS_DEFAULT = 1_000;

export interface Settlement {
  /** When the pending payment ends; without it, never. */
  readonly atMs?: number;
  readonly fails: boolean;
}

/**
 * Whether a capture, a refund or the saving of a wallet is pending, decided by the fault armed for its settlement:
 * `delay` completes it after that time, `fail` lets it fail after a second, `drop` leaves it pending for good.
 */
export function drawSettlement(
  turn: Turn,
  operation: `${"capture" | "refund" | "vault"}.settlement`,
): Settlement | null {
  const strike = turn.faults?.next(operation) ?? null;
  switch (strike?.kind) {
    case "delay":
      return { atMs: turn.nowMs + strike.delayMs, fails: false };
    case "fail":
      return { atMs: turn.nowMs + DELAY_MS_DEFAULT, fails: true };
    case "drop":
      return { fails: false };
    default:
      return null;
  }
}

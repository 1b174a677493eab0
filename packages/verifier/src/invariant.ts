import type { StoreName, Stores } from "./stores.ts";

/**
 * `live`: the shop is open, so what is under way gets the time it may take. `settled`: nothing is under way any more,
 * as after a fault run, and every fact has to be in its place.
 */
export type Mode = "live" | "settled";

/** One sentence for a thing that does not hold, with the ids to find it by. */
export type Breach = string;

export interface Examination {
  readonly stores: Stores;
  readonly mode: Mode;
  /** The hour of the shop; a fault run may have a clock of its own. */
  readonly now: Date;
  /** Texts of people who were erased, which may be found nowhere. */
  readonly erased: readonly string[];
  /** Writes all read models anew; the program compares what lay in Redis before and after. */
  readonly rebuild: (() => Promise<void>) | null;
}

export interface Invariant {
  /** As the list in the documentation counts them, from 1. */
  readonly number: number;
  readonly title: string;
  /** Stores without which nothing can be said. */
  readonly needs: readonly StoreName[];
  /** Whether it may be asked of an open shop. */
  readonly isLive: boolean;
  /** Answers what does not hold, at most BREACHES_MAX sentences. */
  breaches(examination: Examination): Promise<Breach[]>;
}

export const BREACHES_MAX = 20;

const MINUTE_MS = 60_000;

/** A time before `now`, for a limit of so many minutes. */
export function minutesBefore(now: Date, minutes: number): Date {
  return new Date(now.getTime() - minutes * MINUTE_MS);
}

/** How long after a change its consequences may still be under way; in a settled shop none are. */
export function since({ mode, now }: Pick<Examination, "mode" | "now">, minutes: number): Date {
  return mode === "settled" ? new Date(now.getTime() + MINUTE_MS) : minutesBefore(now, minutes);
}

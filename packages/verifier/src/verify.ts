import type { Breach, Examination, Invariant, Mode } from "./invariant.ts";
import { invariants } from "./invariants/index.ts";
import { hasStores, type Stores } from "./stores.ts";

export type Verdict = "holds" | "broken" | "not_asked";

export interface InvariantReport {
  readonly number: number;
  readonly title: string;
  readonly verdict: Verdict;
  /** What does not hold, or why it was not asked. */
  readonly breaches: readonly Breach[];
}

export interface VerifyOptions {
  readonly mode: Mode;
  readonly now?: Date;
  readonly erased?: readonly string[];
  readonly rebuild?: (() => Promise<void>) | null;
  /** Numbers of those to ask; all without it. */
  readonly only?: readonly number[];
}

/** Asks every invariant, one after another, and answers what each said. A question that fails counts as broken. */
export async function verify(stores: Stores, options: VerifyOptions): Promise<InvariantReport[]> {
  const { mode, now = new Date(), erased = [], rebuild = null, only } = options;
  const examination: Examination = { stores, mode, now, erased, rebuild };
  const reports: InvariantReport[] = [];
  for (const invariant of invariants) {
    if (only && !only.includes(invariant.number)) continue;
    reports.push(await ask(invariant, examination));
  }
  return reports;
}

async function ask(invariant: Invariant, examination: Examination): Promise<InvariantReport> {
  const { number, title, needs, isLive } = invariant;
  const not = (why: string): InvariantReport => ({ number, title, verdict: "not_asked", breaches: [why] });
  if (!hasStores(examination.stores, needs)) return not(`needs ${needs.join(", ")}`);
  if (examination.mode === "live" && !isLive) return not("cannot be asked of an open shop");
  try {
    const breaches = await invariant.breaches(examination);
    return { number, title, verdict: breaches.length === 0 ? "holds" : "broken", breaches };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { number, title, verdict: "broken", breaches: [`could not be asked: ${why}`] };
  }
}

/** Whether nothing that was asked is broken. */
export function isWhole(reports: readonly InvariantReport[]): boolean {
  return reports.every((report) => report.verdict !== "broken");
}

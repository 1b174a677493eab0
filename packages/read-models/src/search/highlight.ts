import { analyse, termsOf } from "./analyse.ts";
import { english, type Language } from "./language.ts";
import type { QueryPlan } from "./query.ts";

/** A stretch of a text, and whether it was looked for. */
export interface Stretch {
  readonly text: string;
  readonly isMatch: boolean;
}

/** The terms that a plan looks for. */
export function termsWanted(plan: QueryPlan): ReadonlySet<string> {
  return new Set(plan.concepts.flatMap(({ alternatives }) => alternatives.flatMap(({ terms }) => terms)));
}

/** A text in stretches that were looked for and others, or null when nothing in it was. Put together they are the text. */
export function stretchesOf(text: string, wanted: ReadonlySet<string>, language: Language = english): Stretch[] | null {
  const hits = analyse(text, language).filter(
    (word) => word.kind !== "stop" && termsOf(word).some((term) => wanted.has(term)),
  );
  if (hits.length === 0) return null;
  const stretches: Stretch[] = [];
  let at = 0;
  for (const { start, end } of hits) {
    if (start > at) stretches.push({ text: text.slice(at, start), isMatch: false });
    if (end > at) stretches.push({ text: text.slice(Math.max(at, start), end), isMatch: true });
    at = Math.max(at, end);
  }
  if (at < text.length) stretches.push({ text: text.slice(at), isMatch: false });
  return stretches;
}

import { editDistance } from "@stoa/kernel";
import { type Concept, isDoubtful, isWhole } from "./concept.ts";
import type { Corpus, SearchField } from "./corpus.ts";
import type { Fields } from "./match.ts";

const typoWeights = [1, 0.8, 0.6] as const;
const TYPO_LENGTH_MIN = 4;
const CORRECTIONS_MAX = 5;
/** A word that some product has is corrected only to one that is so many times as frequent. */
const OFTENER = 5;
const correctionFields: readonly SearchField[] = ["titleTerms", "brandTerms", "kindTerms", "codeTerms"];

/** A word that the catalog does not know, with the nearest ones that the candidates have; a part number, with those it begins. */
export function corrected(concept: Concept, fields: readonly Fields[], corpus: Corpus): Concept {
  const word = concept.alternatives[0]?.terms[0] ?? "";
  const isRare = isDoubtful(concept, corpus);
  if ((isWhole(concept, corpus) && !isRare) || word.length < TYPO_LENGTH_MIN) return concept;
  const least = isRare ? corpus.frequency(word) * OFTENER : 0;
  const measure =
    concept.kind === "word" ? slipsFrom([word, ...(concept.spelled ? [concept.spelled] : [])]) : endingsOf(word);
  const near = new Map<string, { readonly distance: number; count: number }>();
  for (const own of fields) {
    for (const term of new Set(correctionFields.flatMap((name) => own[name]?.split(" ") ?? []))) {
      const known = near.get(term) ?? { distance: term === "" ? typoWeights.length : measure(term), count: 0 };
      near.set(term, known);
      known.count += 1;
    }
  }
  const found = [...near]
    .filter(([term, { distance, count }]) => term !== word && distance < typoWeights.length && count >= least)
    .sort(([, left], [, right]) => left.distance - right.distance || right.count - left.count)
    .slice(0, CORRECTIONS_MAX)
    .map(([term, { distance }]) => ({ terms: [term], weight: typoWeights[distance] ?? 0 }));
  return { ...concept, alternatives: [...concept.alternatives, ...found] };
}

/** Edits from the nearest of some forms of a word to another; beyond what a word of this length may have, out of bounds. */
function slipsFrom(forms: readonly string[]): (term: string) => number {
  return (term) => {
    if (term.length < TYPO_LENGTH_MIN) return typoWeights.length;
    const distances = forms.map((form) => {
      const limit = form.length < 7 ? 1 : 2;
      const distance = editDistance(form, term, limit);
      return distance <= limit ? distance : typoWeights.length;
    });
    return Math.min(...distances);
  };
}

function endingsOf(code: string): (term: string) => number {
  return (term) => (term.startsWith(code) ? 1 : typoWeights.length);
}

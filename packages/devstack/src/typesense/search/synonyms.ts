import { z } from "zod";
import { SYNONYM_VARIANTS_MAX } from "../limits.ts";
import { type TokenRules, words } from "../tokens.ts";

export const synonymShape = z.object({
  id: z.string().optional(),
  root: z.string().optional(),
  synonyms: z.array(z.string().min(1)).min(1),
  locale: z.string().optional(),
  symbols_to_index: z.array(z.string()).optional(),
});
export type Synonym = z.output<typeof synonymShape>;

/** The query with one of its phrases replaced by each of its synonyms. With a root, only the root is replaced. */
export function synonymVariants(query: readonly string[], synonyms: readonly Synonym[], rules: TokenRules): string[][] {
  const variants = new Map<string, string[]>();
  for (const synonym of synonyms) {
    const alternatives = synonym.synonyms.map((text) => words(text, rules));
    const sources = synonym.root ? [words(synonym.root, rules)] : alternatives;
    for (const source of sources) {
      const at = indexOfPhrase(query, source);
      if (at < 0) continue;
      for (const alternative of alternatives) {
        if (variants.size >= SYNONYM_VARIANTS_MAX) return [...variants.values()];
        const variant = [...query.slice(0, at), ...alternative, ...query.slice(at + source.length)];
        if (variant.join(" ") !== query.join(" ")) variants.set(variant.join(" "), variant);
      }
    }
  }
  return [...variants.values()];
}

export function indexOfPhrase(all: readonly string[], phrase: readonly string[]): number {
  if (phrase.length === 0) return -1;
  for (let at = 0; at + phrase.length <= all.length; at += 1) {
    if (phrase.every((word, offset) => all[at + offset] === word)) return at;
  }
  return -1;
}

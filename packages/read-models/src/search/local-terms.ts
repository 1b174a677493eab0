import { searchFieldNames } from "./corpus.ts";
import type { IndexTerms } from "./index-terms.ts";

export type TermField = keyof IndexTerms;
/** What stands in a product in every language; a part number is in none. */
export const termFields: readonly TermField[] = [...searchFieldNames, "heads", "kindHeads"];
const localFields = termFields.filter((name) => name !== "codeTerms");

/** The name of an analysed field in a further language of the shop; null is the shop's own. */
export type LocalField = `${TermField}_${string}`;
export function fieldIn(name: TermField, locale: string | null): TermField | LocalField {
  return locale === null || name === "codeTerms" ? name : `${name}_${locale.replace(/[^A-Za-z0-9]/g, "_")}`;
}

/** What a document holds of a further language. */
export function localTerms(terms: IndexTerms, locale: string): Record<LocalField, string> {
  return Object.fromEntries(localFields.map((name) => [fieldIn(name, locale), terms[name]]));
}

/** The fields of a document in one language, under their plain names. */
export function termsIn(document: object, locale: string | null): Partial<Record<TermField, string>> {
  const held = new Map<string, unknown>(Object.entries(document));
  return Object.fromEntries(
    termFields.flatMap((name) => {
      const text = held.get(fieldIn(name, locale));
      return typeof text === "string" ? [[name, text]] : [];
    }),
  );
}

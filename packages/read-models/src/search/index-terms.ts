import { analyse, mainLength, termsOf, type Word } from "./analyse.ts";
import type { SearchField } from "./corpus.ts";
import { headsOf } from "./heads.ts";
import type { Language } from "./language.ts";

/** Terms of one field, in those that may be long each once; more would say nothing new and cost room. */
const limits: Readonly<Record<SearchField, number>> = {
  titleTerms: 80,
  restTerms: 80,
  brandTerms: 12,
  kindTerms: 40,
  aboveTerms: 40,
  codeTerms: 120,
  attributeTerms: 120,
  descriptionTerms: 160,
};

/** How often a long text says a word means little, how many words it says much. */
const saidOnce: ReadonlySet<SearchField> = new Set(["attributeTerms", "descriptionTerms"]);

/** What a product says of itself, as it is shown. */
export interface ProductTexts {
  readonly title: string;
  readonly brand: string;
  readonly description: string;
  /** Names of its own categories, and what its type is called. */
  readonly kinds: readonly string[];
  /** Names of the categories above. */
  readonly above: readonly string[];
  /** SKUs, bar codes, model numbers. */
  readonly codes: readonly string[];
  /** Values of its attributes and options: colours, materials, sizes. */
  readonly values: readonly string[];
}

/** The analysed fields of a search document: terms with a blank between. */
export interface IndexTerms extends Readonly<Record<SearchField, string>> {
  readonly heads: string;
  readonly kindHeads: string;
}

/** Analyses a product for the search index. */
export function indexTermsOf(texts: ProductTexts, language: Language): IndexTerms {
  const words = analyse(texts.title, language);
  const main = mainLength(texts.title, words, language);
  const field = (name: SearchField, found: readonly Word[]) => {
    const terms = found.filter(({ kind }) => kind !== "stop").flatMap(termsOf);
    return (saidOnce.has(name) ? [...new Set(terms)] : terms).slice(0, limits[name]).join(" ");
  };
  const joined = (name: SearchField, list: readonly string[]) => field(name, analyse(list.join(" | "), language));
  return {
    titleTerms: field("titleTerms", words.slice(0, main)),
    restTerms: field("restTerms", words.slice(main)),
    brandTerms: joined("brandTerms", [texts.brand]),
    kindTerms: joined("kindTerms", texts.kinds),
    aboveTerms: joined("aboveTerms", texts.above),
    codeTerms: codeTerms(texts.codes),
    attributeTerms: joined("attributeTerms", texts.values),
    descriptionTerms: joined("descriptionTerms", [texts.description]),
    heads: headsOf(texts.title, plainValues(texts, language), language).join(" "),
    kindHeads: [...new Set(texts.kinds.flatMap((kind) => namesIn(kind, language)))].join(" "),
  };
}

const HAS_DIGIT = /\d/;

/**
 * A code is found as it is written, without its separators, and by its parts that hold a digit. Words in it are no code: a model may be
 * called as the title is, a SKU may say a colour, and neither tells more of the product than where such words belong.
 */
function codeTerms(codes: readonly string[]): string {
  const terms = codes.flatMap((code) => {
    const words = analyse(code).filter(({ kind }) => kind !== "stop");
    const parts = words.flatMap(termsOf).filter((term) => HAS_DIGIT.test(term));
    return [words.map(({ term }) => term).join(""), ...parts];
  });
  return [...new Set(terms)].filter(Boolean).slice(0, limits.codeTerms).join(" ");
}

/** Values of one word: a colour or a brand in a title is not what the product is. */
function plainValues({ brand, kinds, values }: ProductTexts, language: Language): ReadonlySet<string> {
  const wordsIn = (text: string) => analyse(text, language);
  const found = values.flatMap((value) => value.split(/[,|;]/)).map(wordsIn);
  const single = found.flatMap(([word, ...others]) => (word && others.length === 0 ? [word.term] : []));
  const named = new Set(kinds.flatMap((kind) => wordsIn(kind).map(({ term }) => term)));
  return new Set([...single, ...wordsIn(brand).map(({ term }) => term)].filter((term) => !named.has(term)));
}

/** "Notebook Bags & Backpacks" → bag, backpack. */
function namesIn(category: string, language: Language): string[] {
  return category.split(/[&,/|]|\s(?:and|und|et|y|e)\s/).flatMap((part) => {
    const last = analyse(part, language).findLast(({ kind }) => kind === "word");
    return last ? [last.term] : [];
  });
}

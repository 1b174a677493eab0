import { editDistance } from "@stoa/kernel";
import MiniSearch, { type Query } from "minisearch";
import { type JsonObject, valuesAt } from "./json.ts";
import type { Schema } from "./schema/schema.ts";
import { words } from "./tokens.ts";

const FUZZY_WEIGHT = 0.3;
const PREFIX_WEIGHT = 0.6;
/** Fewer outdated documents than this are no burden. */
const WORN_MIN = 1_000;

/** Fields that are searched alike. */
export interface FieldGroup {
  readonly fields: readonly string[];
  /** Whether the last word of a query may be the beginning of a word. */
  readonly prefix: boolean;
  readonly typosMax: number;
}

export interface TextQuery {
  /** All of these words must be found, each in any of the fields. */
  readonly words: readonly string[];
  readonly groups: readonly FieldGroup[];
  readonly boosts: Readonly<Record<string, number>>;
  /** No word may have more typos than this, whatever its group allows. */
  readonly typosMax: number;
  readonly minLength1Typo: number;
  readonly minLength2Typos: number;
}

export interface TextHit {
  readonly id: string;
  readonly score: number;
  /** Words of the document that were matched. */
  readonly terms: readonly string[];
}

/** The words of a collection's text fields. */
export class TextIndex {
  readonly #index: MiniSearch<JsonObject>;
  readonly #fields: readonly string[];

  constructor(schema: Schema) {
    this.#fields = schema.textFields();
    this.#index = new MiniSearch<JsonObject>({
      idField: "id",
      // Its own clean-up walks the index a piece at a time and falls over what is written in between; see isWorn.
      autoVacuum: false,
      fields: [...this.#fields],
      // Fields are handed over as lists of words, which one character that no word holds keeps apart.
      tokenize: (text) => (text === "" ? [] : text.split("\n")),
      processTerm: (term) => term,
      extractField: (document, field) => {
        if (field === "id") return String(document.id);
        const rules = schema.tokenRules(field);
        return valuesAt(document, field)
          .flatMap((value) => words(String(value), rules))
          .join("\n");
      },
    });
  }

  /** Whether it indexes what the schema now holds. */
  covers(schema: Schema): boolean {
    const wanted = schema.textFields();
    return wanted.length === this.#fields.length && wanted.every((field) => this.#fields.includes(field));
  }

  /** Whether so much of it stands for documents that are gone that making it anew is worth the while. */
  get isWorn(): boolean {
    return this.#index.dirtCount > Math.max(WORN_MIN, this.#index.documentCount);
  }

  put(document: JsonObject): void {
    if (this.#index.has(document.id)) this.#index.discard(document.id);
    this.#index.add(document);
  }

  remove(id: string): void {
    if (this.#index.has(id)) this.#index.discard(id);
  }

  search(query: TextQuery, admits: (id: string) => boolean): TextHit[] {
    const results = this.#index.search(
      { combineWith: "AND", queries: query.words.map((word, at) => this.#wordQuery(query, word, at)) },
      {
        tokenize: (text) => [text],
        filter: (result) => admits(String(result.id)) && matchesEveryWord(query, result.match),
      },
    );
    return results.map(({ id, score, terms }) => ({ id: String(id), score, terms }));
  }

  #wordQuery(query: TextQuery, word: string, at: number): Query {
    const isLast = at === query.words.length - 1;
    const queries = query.groups.map((group): Query => {
      // A swap of neighbours is two edits to MiniSearch and one to Typesense, so it may look one further and is checked after.
      const typos = allowedTypos(query, group, word);
      return {
        queries: [word],
        fields: [...group.fields],
        boost: { ...query.boosts },
        prefix: group.prefix && isLast,
        fuzzy: typos === 0 ? false : Math.min(2, typos + 1),
        weights: { fuzzy: FUZZY_WEIGHT, prefix: PREFIX_WEIGHT },
      };
    });
    return { combineWith: "OR", queries };
  }
}

function allowedTypos(query: TextQuery, group: FieldGroup, word: string): number {
  const byLength = word.length < query.minLength1Typo ? 0 : word.length < query.minLength2Typos ? 1 : 2;
  return Math.min(byLength, group.typosMax, query.typosMax);
}

function matchesEveryWord(query: TextQuery, match: Readonly<Record<string, readonly string[]>>): boolean {
  const found = Object.entries(match);
  return query.words.every((word, at) => {
    const isLast = at === query.words.length - 1;
    return query.groups.some((group) => {
      const typos = allowedTypos(query, group, word);
      return found.some(
        ([term, fields]) =>
          (term === word ||
            (group.prefix && isLast && term.startsWith(word)) ||
            (typos > 0 && editDistance(word, term, typos) <= typos)) &&
          fields.some((field) => group.fields.includes(field)),
      );
    });
  });
}

import { isArray, type Json, type JsonObject, valueAt } from "../json.ts";
import type { Schema } from "../schema/schema.ts";
import { type Token, type TokenRules, tokenize } from "../tokens.ts";
import type { SearchParameters } from "./parameters.ts";

/** A document that was found. */
export interface Hit {
  readonly document: JsonObject;
  /** A whole number, of which only the order means anything. */
  readonly score: number;
  /** Words of the document by which it was found. */
  readonly terms: ReadonlySet<string>;
  readonly curated: boolean;
}

interface Marked {
  readonly matched: readonly string[];
  readonly snippet: string;
  readonly value: string;
}

export interface Highlights {
  /** By field, nested as the document is. */
  readonly highlight: JsonObject;
  /** The older list form. */
  readonly highlights: readonly JsonObject[];
}

/** Marks the words of a hit that the query found. */
export function highlightHit(hit: Hit, parameters: SearchParameters, schema: Schema): Highlights {
  const highlight: Record<string, Json> = {};
  const highlights: JsonObject[] = [];
  if (hit.terms.size === 0) return { highlight, highlights };
  for (const field of fieldsToHighlight(parameters, schema)) {
    const value = valueAt(hit.document, field);
    const full = wantsFull(field, parameters);
    const marker = new Marker(hit.terms, schema.tokenRules(field), parameters);
    if (typeof value === "string") {
      const marked = marker.mark(value);
      if (!marked) continue;
      const shown = show(marked, full);
      setNested(highlight, field, shown);
      highlights.push({ field, ...shown });
    } else if (isArray(value)) {
      const items = value.map((item) => (typeof item === "string" ? marker.mark(item) : null));
      if (items.every((item) => item === null)) continue;
      setNested(
        highlight,
        field,
        value.map((item, at) => showItem(items[at] ?? null, item, full)),
      );
      highlights.push(listForm(field, items, full));
    }
  }
  return { highlight, highlights: parameters.enable_highlight_v1 ? highlights : [] };
}

function fieldsToHighlight(parameters: SearchParameters, schema: Schema): string[] {
  const named = [...(parameters.highlight_fields ?? parameters.query_by), ...parameters.highlight_full_fields];
  const fields = named.flatMap((name) =>
    name.endsWith("*") ? schema.textFields().filter((field) => field.startsWith(name.slice(0, -1))) : [name],
  );
  return [...new Set(fields)].filter((field) => field !== "none");
}

const wantsFull = (field: string, { highlight_full_fields }: SearchParameters) => highlight_full_fields.includes(field);

function show(marked: Marked, full: boolean): JsonObject {
  const { matched, snippet, value } = marked;
  return full ? { matched_tokens: matched, snippet, value } : { matched_tokens: matched, snippet };
}

function showItem(marked: Marked | null, item: Json, full: boolean): JsonObject {
  const text = String(item);
  return show(marked ?? { matched: [], snippet: text, value: text }, full);
}

function listForm(field: string, items: readonly (Marked | null)[], full: boolean): JsonObject {
  const found = items.flatMap((marked, index) => (marked ? [{ marked, index }] : []));
  return {
    field,
    indices: found.map(({ index }) => index),
    matched_tokens: found.map(({ marked }) => marked.matched),
    snippets: found.map(({ marked }) => marked.snippet),
    ...(full ? { values: found.map(({ marked }) => marked.value) } : {}),
  };
}

function setNested(target: Record<string, Json>, path: string, value: Json): void {
  const [step = "", ...rest] = path.split(".");
  if (rest.length === 0) {
    target[step] = value;
    return;
  }
  const child: Record<string, Json> = { ...(target[step] as JsonObject | undefined) };
  setNested(child, rest.join("."), value);
  target[step] = child;
}

class Marker {
  constructor(
    private readonly terms: ReadonlySet<string>,
    private readonly rules: TokenRules,
    private readonly parameters: SearchParameters,
  ) {}

  /** Null when no word of the text was found. */
  mark(text: string): Marked | null {
    const tokens = tokenize(text, this.rules);
    const hits = tokens.filter((token) => this.terms.has(token.text));
    const first = hits[0];
    if (!first) return null;
    const value = this.#wrap(text, hits, { start: 0, end: text.length });
    const matched = [...new Set(hits.map((token) => text.slice(token.start, token.end)))];
    return { matched, value, snippet: this.#wrap(text, hits, this.#window(text, tokens, first)) };
  }

  /** The whole text when short, else some words on each side of the first one found. */
  #window(text: string, tokens: readonly Token[], first: Token): { start: number; end: number } {
    const { snippet_threshold: threshold, highlight_affix_num_tokens: affix } = this.parameters;
    if (tokens.length <= threshold) return { start: 0, end: text.length };
    const at = tokens.indexOf(first);
    const from = tokens[Math.max(0, at - affix)];
    const to = tokens[Math.min(tokens.length - 1, at + affix)];
    return { start: from?.start ?? 0, end: to?.end ?? text.length };
  }

  #wrap(text: string, hits: readonly Token[], window: { start: number; end: number }): string {
    const { highlight_start_tag: open, highlight_end_tag: close } = this.parameters;
    let result = "";
    let at = window.start;
    for (const { start, end } of hits) {
      if (start < window.start || end > window.end) continue;
      result += text.slice(at, start) + open + text.slice(start, end) + close;
      at = end;
    }
    return result + text.slice(at, window.end);
  }
}

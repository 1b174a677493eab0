import { malformed } from "../errors.ts";
import { FILTER_DEPTH_MAX, FILTER_LENGTH_MAX } from "../limits.ts";

export type Comparison = "match" | "equals" | ">" | ">=" | "<" | "<=";

/** One value of a condition: `a`, `` `a, b` ``, `>5` or `1..5`. */
export interface FilterValue {
  readonly comparison: Comparison;
  readonly text: string;
  /** In back-ticks: nothing in it has a meaning of its own. */
  readonly quoted: boolean;
}

export type FilterNode =
  | { readonly kind: "and" | "or"; readonly left: FilterNode; readonly right: FilterNode }
  | {
      readonly kind: "condition";
      readonly field: string;
      readonly negated: boolean;
      readonly values: readonly FilterValue[];
    };

const unparsable = () => malformed("Could not parse the filter query.");
const OPERATORS = ["!=", ">=", "<=", "=", ">", "<", "!"] as const;

/** Parses `filter_by`: conditions joined by `&&` and `||`, which bind alike and from the left, with parentheses. */
export function parseFilter(source: string): FilterNode {
  if (source.length > FILTER_LENGTH_MAX) throw malformed("The filter query is too long.");
  const parser = new FilterParser(source);
  return parser.parse();
}

class FilterParser {
  #at = 0;
  #depth = 0;

  constructor(private readonly source: string) {}

  parse(): FilterNode {
    const node = this.#joined();
    this.#skipSpace();
    if (this.#at < this.source.length) throw unparsable();
    return node;
  }

  #joined(): FilterNode {
    let left = this.#term();
    for (;;) {
      if (this.#take("&&")) left = { kind: "and", left, right: this.#term() };
      else if (this.#take("||")) left = { kind: "or", left, right: this.#term() };
      else return left;
    }
  }

  #term(): FilterNode {
    if (!this.#take("(")) return this.#condition();
    this.#depth += 1;
    if (this.#depth > FILTER_DEPTH_MAX) throw malformed("The filter query is nested too deeply.");
    const node = this.#joined();
    if (!this.#take(")")) throw malformed("Could not parse the filter query: unbalanced parentheses.");
    this.#depth -= 1;
    return node;
  }

  #condition(): FilterNode {
    this.#skipSpace();
    const field = /[^\s:&|()]+/y;
    field.lastIndex = this.#at;
    const name = field.exec(this.source)?.[0];
    if (name === undefined) throw unparsable();
    this.#at += name.length;
    if (!this.#take(":")) throw unparsable();
    const operator = this.#operator();
    const comparison =
      operator === "=" || operator === "!=" ? "equals" : operator === null || operator === "!" ? "match" : operator;
    const values = this.#take("[") ? this.#list(comparison) : [this.#value(comparison, false)];
    const negated = operator === "!=" || operator === "!";
    return { kind: "condition", field: name, negated, values };
  }

  #list(comparison: Comparison): FilterValue[] {
    const values: FilterValue[] = [];
    if (this.#take("]")) return values;
    for (;;) {
      values.push(this.#value(comparison, true));
      if (this.#take("]")) return values;
      if (!this.#take(",")) throw unparsable();
    }
  }

  #value(comparison: Comparison, inList: boolean): FilterValue {
    this.#skipSpace();
    if (this.source[this.#at] === "`") return this.#quoted(comparison);
    const own = inList || comparison === "match" ? this.#operator() : null;
    if (own === "!" || own === "!=") throw unparsable();
    const start = this.#at;
    while (this.#at < this.source.length && !this.#endsValue(inList)) this.#at += 1;
    const text = this.source.slice(start, this.#at).trim();
    if (text === "") throw malformed("Error with filter: value is missing.");
    return { comparison: own === "=" ? "equals" : (own ?? comparison), text, quoted: false };
  }

  #quoted(comparison: Comparison): FilterValue {
    const end = this.source.indexOf("`", this.#at + 1);
    if (end < 0) throw unparsable();
    const text = this.source.slice(this.#at + 1, end);
    this.#at = end + 1;
    return { comparison, text, quoted: true };
  }

  #endsValue(inList: boolean): boolean {
    const char = this.source[this.#at];
    if (inList && (char === "," || char === "]")) return true;
    if (char === ")") return true;
    return this.source.startsWith("&&", this.#at) || this.source.startsWith("||", this.#at);
  }

  #operator(): (typeof OPERATORS)[number] | null {
    this.#skipSpace();
    const operator = OPERATORS.find((candidate) => this.source.startsWith(candidate, this.#at)) ?? null;
    this.#at += operator?.length ?? 0;
    return operator;
  }

  #take(text: string): boolean {
    this.#skipSpace();
    if (!this.source.startsWith(text, this.#at)) return false;
    this.#at += text.length;
    return true;
  }

  #skipSpace(): void {
    while (/\s/.test(this.source[this.#at] ?? "")) this.#at += 1;
  }
}

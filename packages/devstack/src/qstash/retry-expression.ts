import { QstashRefusal } from "./errors.ts";

const FUNCTIONS: Readonly<Record<string, (...values: number[]) => number>> = {
  pow: Math.pow,
  sqrt: Math.sqrt,
  abs: Math.abs,
  exp: Math.exp,
  floor: Math.floor,
  ceil: Math.ceil,
  round: Math.round,
  min: Math.min,
  max: Math.max,
};
const LENGTH_MAX = 300;
const DELAY_MAX_MS = 86_400_000;

/**
 * Value of a `Upstash-Retry-Delay` expression in milliseconds, between 0 and a day, where `retried` is how many retries have
 * been made. Numbers, + - * / ( ), `retried` and the documented functions; anything else is refused with 400.
 */
export function evaluateRetryDelay(expression: string, retried: number): number {
  if (expression.length > LENGTH_MAX || /[\w.]\s+[\w.]/.test(expression)) throw invalid(expression);
  const reader = new Reader(expression, retried);
  const value = reader.sum();
  if (!reader.atEnd()) throw invalid(expression);
  // An expression may be a number now and none at a later retry (0/0): then the longest wait is the safe one.
  return Number.isNaN(value) ? DELAY_MAX_MS : Math.min(Math.max(value, 0), DELAY_MAX_MS);
}

function invalid(expression: string): QstashRefusal {
  return new QstashRefusal(400, `invalid retry delay expression: ${expression.slice(0, LENGTH_MAX)}`);
}

/** Recursive descent over the few rules of the grammar; `eval` would run whatever a publisher sends. */
class Reader {
  #position = 0;
  readonly #text: string;

  constructor(
    readonly expression: string,
    readonly retried: number,
  ) {
    this.#text = expression.replace(/\s+/g, "");
  }

  atEnd(): boolean {
    return this.#position === this.#text.length;
  }

  sum(): number {
    let value = this.#product();
    for (;;) {
      if (this.#take("+")) value += this.#product();
      else if (this.#take("-")) value -= this.#product();
      else return value;
    }
  }

  #product(): number {
    let value = this.#factor();
    for (;;) {
      if (this.#take("*")) value *= this.#factor();
      else if (this.#take("/")) value /= this.#factor();
      else return value;
    }
  }

  #factor(): number {
    if (this.#take("-")) return -this.#factor();
    if (this.#take("(")) {
      const value = this.sum();
      this.#expect(")");
      return value;
    }
    const word = /^(\d+(\.\d+)?|[a-z]+)/.exec(this.#text.slice(this.#position))?.[0];
    if (word === undefined) throw invalid(this.expression);
    this.#position += word.length;
    if (/^\d/.test(word)) return Number(word);
    if (word === "retried") return this.retried;
    return this.#call(word);
  }

  #call(name: string): number {
    const apply = Object.hasOwn(FUNCTIONS, name) ? FUNCTIONS[name] : undefined;
    if (apply === undefined) throw invalid(this.expression);
    this.#expect("(");
    const values = [this.sum()];
    while (this.#take(",")) values.push(this.sum());
    this.#expect(")");
    return apply(...values);
  }

  #take(symbol: string): boolean {
    if (this.#text[this.#position] !== symbol) return false;
    this.#position += 1;
    return true;
  }

  #expect(symbol: string): void {
    if (!this.#take(symbol)) throw invalid(this.expression);
  }
}

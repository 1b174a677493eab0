import { notAFloat, notAnInteger, RedisError, syntaxError } from "./reply.ts";

/** A whole number as Redis reads it; ours end at 2^53 - 1 rather than 2^63 - 1, and are refused beyond. */
export function parseInteger(text: string): number {
  const number = /^(0|-?[1-9]\d{0,18})$/.test(text) ? Number(text) : Number.NaN;
  if (!Number.isSafeInteger(number)) throw notAnInteger();
  return number;
}

export function parseFloatStrict(text: string): number {
  if (/^[+-]?inf(inity)?$/i.test(text))
    return text.startsWith("-") ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  const number = text === "" || /\s/.test(text) ? Number.NaN : Number(text);
  if (Number.isNaN(number)) throw notAFloat();
  return number;
}

export function formatFloat(number: number): string {
  if (number === Number.POSITIVE_INFINITY) return "inf";
  if (number === Number.NEGATIVE_INFINITY) return "-inf";
  return String(number);
}

/** From and to (inclusive) of a Redis range that may count from the end, cut to what there is; from > to when empty. */
export function clampRange(length: number, start: number, stop: number): { from: number; to: number } {
  return {
    from: Math.max(0, start < 0 ? length + start : start),
    to: Math.min(length - 1, stop < 0 ? length + stop : stop),
  };
}

/** What follows the name of a command. A missing argument is a syntax error, so handlers read without checking. */
export class Args {
  constructor(private readonly words: readonly string[]) {}

  get length(): number {
    return this.words.length - 1;
  }

  text(index: number): string {
    const word = this.words[index + 1];
    if (word === undefined) throw syntaxError();
    return word;
  }

  upper(index: number): string {
    return this.text(index).toUpperCase();
  }

  int(index: number): number {
    return parseInteger(this.text(index));
  }

  float(index: number): number {
    return parseFloatStrict(this.text(index));
  }

  /** A count of seconds to wait; 0 waits for ever. */
  timeoutSeconds(index: number): number {
    const text = this.text(index);
    const seconds = Number(text);
    if (text === "" || !Number.isFinite(seconds)) throw new RedisError("ERR timeout is not a float or out of range");
    if (seconds < 0) throw new RedisError("ERR timeout is negative");
    return seconds;
  }

  from(index: number): string[] {
    return this.words.slice(index + 1);
  }

  slice(from: number, to: number): string[] {
    return this.words.slice(from + 1, to + 1);
  }

  /** What follows in pairs, e.g. fields and values. */
  pairs(index: number): [string, string][] {
    const pairs: [string, string][] = [];
    for (let at = index; at < this.length; at += 2) pairs.push([this.text(at), this.text(at + 1)]);
    return pairs;
  }
}

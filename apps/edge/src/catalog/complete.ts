import { editDistance } from "@stoa/kernel";
import { fold } from "@stoa/read-models";

export interface Completion {
  /** What a shopper may have begun to write. */
  readonly text: string;
  readonly kind: "query" | "category" | "brand";
  /** Of a category. */
  readonly slug?: string;
}

/** From this length on one letter may be wrong. */
const SLIP_LENGTH_MIN = 5;

/** Whether a name may be what is being written: each word of the text begins one of the name's, the shorter ones exactly. */
export function mayBeMeant(text: string, name: string): boolean {
  const wanted = wordsOf(text);
  const own = wordsOf(name);
  return wanted.length > 0 && wanted.every((word) => own.some((other) => begins(word, other)));
}

function begins(word: string, other: string): boolean {
  if (other.startsWith(word)) return true;
  if (word.length < SLIP_LENGTH_MIN) return false;
  return editDistance(word, other.slice(0, word.length), 1) <= 1;
}

function wordsOf(text: string): string[] {
  return fold(text).match(/[\p{L}\p{N}]+/gu) ?? [];
}

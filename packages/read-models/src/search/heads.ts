import { analyse, type Word } from "./analyse.ts";
import { english, type Language } from "./language.ts";

/** Ends the part of a text that may name the thing: signs, and words that lead to what it is for, of or in. */
const CUT = /[,;:()[\]|•]|\s[-–—]\s|\.\s/u;
const HEADS_MAX = 3;
/** Sizes and amounts, which stand behind what they are of: "knife set", "mattress queen". */
const amounts: ReadonlySet<string> = new Set(
  "set pack pair bundle piece small medium large mini twin full queen king size".split(" "),
);

/**
 * What a title names: the last ordinary word of each of its parts, "headset" of "Philips SHE3580 headset Black, 1.2 m". Words of
 * `values` (colours, materials, styles: what the product's attributes say) stand behind a noun as often as before it and are passed over.
 */
export function headsOf(title: string, values: ReadonlySet<string>, language: Language = english): string[] {
  const heads: string[] = [];
  for (const part of partsOf(title, analyse(title, language))) {
    const words = part.filter((word) => word.kind === "word" && word.term.length > 1);
    const names = (word: Word) => !values.has(word.term) && !(language.code === "en" && amounts.has(word.term));
    const last = words.findLast(names);
    if (last) heads.push(last.term);
    if (heads.length >= HEADS_MAX) break;
  }
  return [...new Set(heads)];
}

function partsOf(text: string, words: readonly Word[]): Word[][] {
  const parts: Word[][] = [[]];
  let end = 0;
  for (const word of words) {
    const cuts = word.kind === "stop" || word.kind === "quantity" || CUT.test(text.slice(end, word.start));
    if (cuts) parts.push([]);
    end = word.end;
    if (word.kind !== "stop" && word.kind !== "quantity") parts.at(-1)?.push(word);
  }
  return parts.filter((part) => part.length > 0);
}

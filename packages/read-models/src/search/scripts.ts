/** Letters of scripts that write no blanks between words, or glue endings to them. */
const UNSPACED =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Hangul}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;
const RUN =
  /\p{Script=Han}+|(?:\p{Script=Katakana}|ー)+|\p{Script=Hiragana}+|\p{Script=Hangul}+|[\p{Script=Thai}\p{M}]+|\p{Script=Lao}+|\p{Script=Khmer}+|\p{Script=Myanmar}+|[^\p{Script=Han}\p{Script=Katakana}ー\p{Script=Hiragana}\p{Script=Hangul}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]+/gu;

export interface Run {
  readonly text: string;
  /** Where in the text it begins. */
  readonly at: number;
  /** Whether words cannot be told apart in it, so that it is read by pairs of letters. */
  readonly isUnspaced: boolean;
}

/** A stretch of letters by script: "無線マウス" → 無線, マウス. Null for one of scripts with blanks only. */
export function runsOf(text: string): readonly Run[] | null {
  if (!UNSPACED.test(text) && !/\p{Script=Katakana}/u.test(text)) return null;
  return [...text.matchAll(RUN)].map((match) => ({
    text: match[0],
    at: match.index,
    isUnspaced: UNSPACED.test(match[0]),
  }));
}

/** Letters two by two, overlapping: found wherever both stand together. One letter is itself. */
export function pairsOf(text: string): { readonly pair: string; readonly at: number }[] {
  const letters = [...text];
  if (letters.length < 2) return [{ pair: text, at: 0 }];
  let at = 0;
  return letters.slice(0, -1).map((letter, index) => {
    const found = { pair: letter + letters[index + 1], at };
    at += letter.length;
    return found;
  });
}

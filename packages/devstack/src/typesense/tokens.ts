export interface TokenRules {
  /** Symbols that are part of words. */
  readonly symbols: ReadonlySet<string>;
  /** Symbols that part words, beside white space. */
  readonly separators: ReadonlySet<string>;
}

/** One word of a text, where it stands there, and how it is indexed. */
export interface Token {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

export const PLAIN_RULES: TokenRules = { symbols: new Set(), separators: new Set() };
const CACHE_MAX = 50_000;
const folded = new Map<string, string>();

/** Lower case without accents. */
function fold(char: string): string {
  const known = folded.get(char);
  if (known !== undefined) return known;
  const result = char.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  if (folded.size < CACHE_MAX) folded.set(char, result);
  return result;
}

/** Words are parted by white space only; other symbols vanish inside them, so that "T-Shirt" is "tshirt". */
export function tokenize(text: string, rules: TokenRules = PLAIN_RULES): Token[] {
  const tokens: Token[] = [];
  let word = "";
  let start = 0;
  let at = 0;
  const finish = () => {
    if (word !== "") tokens.push({ text: word, start, end: at });
    word = "";
  };
  for (const char of text) {
    if (/\s/u.test(char) || rules.separators.has(char)) finish();
    else if (/[\p{L}\p{N}]/u.test(char) || rules.symbols.has(char)) {
      if (word === "") start = at;
      word += fold(char);
    }
    at += char.length;
  }
  finish();
  return tokens;
}

interface Known {
  readonly words: readonly string[];
  /** The same with a blank between. */
  readonly joined: string;
}

const known = new WeakMap<TokenRules, Map<string, Known>>();
const KNOWN_LENGTH_MAX = 80;

/** The words of a text as they are indexed. */
export function words(text: string, rules: TokenRules = PLAIN_RULES): readonly string[] {
  return knownWords(text, rules).words;
}

/** The same as one text. */
export function joinedWords(text: string, rules: TokenRules): string {
  return knownWords(text, rules).joined;
}

/** Short texts recur (brands, categories), so their words are remembered. */
function knownWords(text: string, rules: TokenRules): Known {
  if (text.length > KNOWN_LENGTH_MAX) return makeWords(text, rules);
  let cache = known.get(rules);
  if (!cache || cache.size >= CACHE_MAX) {
    cache = new Map();
    known.set(rules, cache);
  }
  let found = cache.get(text);
  if (!found) {
    found = makeWords(text, rules);
    cache.set(text, found);
  }
  return found;
}

function makeWords(text: string, rules: TokenRules): Known {
  const found = tokenize(text, rules).map((token) => token.text);
  return { words: found, joined: found.join(" ") };
}

/**
 * The pattern of LIKE for all that begins with a text. Its own `%`, `_` and `\` stand for themselves; left as they are, those of an
 * id would match too much, and end what an index can look up at the first of them.
 */
export function prefixPattern(text: string): string {
  return `${text.replaceAll(/[\\%_]/g, "\\$&")}%`;
}

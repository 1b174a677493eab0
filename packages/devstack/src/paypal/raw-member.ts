/**
 * The text of one top-level member of a JSON object, exactly as it was sent: a signature covers bytes, and parsing and
 * writing them again would change them. Null when there is no such member. `text` must be valid JSON.
 */
export function rawMember(text: string, name: string): string | null {
  let depth = 0;
  let index = 0;
  while (index < text.length) {
    const character = text[index];
    if (character === '"') {
      const end = stringEnd(text, index);
      const colon = skipSpace(text, end);
      if (depth === 1 && text[colon] === ":" && JSON.parse(text.slice(index, end)) === name) {
        return rawValue(text, skipSpace(text, colon + 1));
      }
      index = end;
      continue;
    }
    if (character === "{" || character === "[") depth += 1;
    if (character === "}" || character === "]") depth -= 1;
    index += 1;
  }
  return null;
}

function rawValue(text: string, start: number): string {
  let depth = 0;
  let index = start;
  while (index < text.length) {
    const character = text[index];
    if (character === '"') {
      index = stringEnd(text, index);
      continue;
    }
    const closes = character === "}" || character === "]";
    if (depth === 0 && (closes || character === ",")) break;
    if (character === "{" || character === "[") depth += 1;
    if (closes) depth -= 1;
    index += 1;
  }
  return text.slice(start, index).trimEnd();
}

/** The index after the closing quote of the string that begins here. */
function stringEnd(text: string, start: number): number {
  let index = start + 1;
  while (index < text.length && text[index] !== '"') index += text[index] === "\\" ? 2 : 1;
  return index + 1;
}

function skipSpace(text: string, start: number): number {
  let index = start;
  while (/\s/.test(text[index] ?? "")) index += 1;
  return index;
}

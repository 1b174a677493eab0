const compiled = new Map<string, RegExp>();
const COMPILED_MAX = 500;

/** A Redis pattern (`*`, `?`, `[a-z]`, `[^a]`, `\x`) as a regular expression. */
export function globPattern(glob: string): RegExp {
  const known = compiled.get(glob);
  if (known) return known;
  const pattern = compile(glob);
  if (compiled.size >= COMPILED_MAX) compiled.clear();
  compiled.set(glob, pattern);
  return pattern;
}

function compile(glob: string): RegExp {
  let source = "";
  for (let at = 0; at < glob.length; at += 1) {
    const char = glob.charAt(at);
    if (char === "*") {
      // Neighbouring stars mean the same as one, and would make the expression slow.
      if (!source.endsWith(".*")) source += ".*";
    } else if (char === "?") source += ".";
    else if (char === "\\" && at + 1 < glob.length) {
      at += 1;
      source += literal(glob.charAt(at));
    } else if (char === "[") {
      const end = glob.indexOf("]", at + 1);
      const body = end < 0 ? glob.slice(at + 1) : glob.slice(at + 1, end);
      source += characterClass(body);
      at = end < 0 ? glob.length : end;
    } else source += literal(char);
  }
  return new RegExp(`^${source}$`, "s");
}

function characterClass(body: string): string {
  const negated = body.startsWith("^");
  const characters = (negated ? body.slice(1) : body).replace(/[\\[\]^]/g, "\\$&");
  if (characters === "") return negated ? "." : "(?!)";
  // A range written backwards means the same as one written forwards.
  const ordered = characters.replace(/([^\\])-([^\\])/g, (range, low, high) => (low > high ? `${high}-${low}` : range));
  return `[${negated ? "^" : ""}${ordered}]`;
}

function literal(char: string): string {
  return char.replace(/[.*+?^${}()|[\]\\/-]/g, "\\$&");
}

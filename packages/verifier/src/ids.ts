// The platform writes ids as a prefix and 26 characters of Crockford's base32; written again here, so that a mistake there shows.

const ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz";

/** `ord_…` for a stored uuid. */
export function idOf(prefix: string, uuid: string): string {
  let value = BigInt(`0x${uuid.replaceAll("-", "")}`);
  const characters: string[] = [];
  for (let place = 0; place < 26; place += 1) {
    characters.unshift(ALPHABET.charAt(Number(value % 32n)));
    value /= 32n;
  }
  return `${prefix}_${characters.join("")}`;
}

/** The uuid under an id; null for a text that is none. */
export function uuidOf(id: unknown): string | null {
  if (typeof id !== "string") return null;
  const body = id.slice(id.indexOf("_") + 1);
  if (body.length !== 26 || [...body].some((character) => !ALPHABET.includes(character))) return null;
  const value = [...body].reduce((sum, character) => sum * 32n + BigInt(ALPHABET.indexOf(character)), 0n);
  const hex = value.toString(16).padStart(32, "0");
  if (hex.length !== 32) return null;
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

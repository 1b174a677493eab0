/** Crockford's base32: no letter in it is taken for a digit, and none of I, L, O, U is in it. */
const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/** 100 random bits; 80 are left to whoever sees the last four. */
const LENGTH = 20;
const GROUP = 5;

/** Random bytes for a new code; a test passes its own. */
export type RandomBytes = (length: number) => Uint8Array;

const systemRandom: RandomBytes = (length) => crypto.getRandomValues(new Uint8Array(length));

/** A new code as it is printed: `XXXXX-XXXXX-XXXXX-XXXXX`. */
export function newGiftCardCode(random: RandomBytes = systemRandom): string {
  const characters = Array.from(random(LENGTH), (byte) => alphabet.charAt(byte & 31)).join("");
  return characters.replaceAll(new RegExp(`.{${GROUP}}(?=.)`, "g"), "$&-");
}

/** The code as it counts, however it was typed: any case, with or without gaps, O for 0 and I or L for 1. Null when it is none. */
export function normalizeGiftCardCode(typed: string): string | null {
  const code = typed.toUpperCase().replaceAll(/[\s-]/g, "").replaceAll("O", "0").replaceAll(/[IL]/g, "1");
  return code.length === LENGTH && [...code].every((character) => alphabet.includes(character)) ? code : null;
}

/** SHA-256 (hex) of a normalized code. The code is random enough that its hash cannot be turned back. */
export function hashGiftCardCode(code: string): string {
  return new Bun.CryptoHasher("sha256").update(code).digest("hex");
}

export function lastFour(code: string): string {
  return code.slice(-4);
}

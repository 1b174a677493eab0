import { createHmac } from "node:crypto";

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

const PERIOD_MS = 30_000;

/** The code that comes next: each opens the door once, and this one is taken half a minute early. */
export function nextTotp(secret: string): string {
  return totp(secret, Date.now() + PERIOD_MS);
}

/** The code that an authenticator app shows now for a base32 secret (RFC 6238). */
export function totp(secret: string, now = Date.now()): string {
  const bits = [...secret.replaceAll(/[\s=]/g, "")]
    .map((letter) => ALPHABET.indexOf(letter).toString(2).padStart(5, "0"))
    .join("");
  const key = Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(now / PERIOD_MS)));
  const digest = createHmac("sha1", key).update(counter).digest();
  const offset = (digest.at(-1) ?? 0) & 15;
  return String((digest.readUInt32BE(offset) & 0x7f_ff_ff_ff) % 1_000_000).padStart(6, "0");
}

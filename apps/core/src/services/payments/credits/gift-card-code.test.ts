import { expect, test } from "bun:test";
import { hashGiftCardCode, lastFour, newGiftCardCode, normalizeGiftCardCode } from "./gift-card-code.ts";

test("a code has 20 characters of a readable alphabet, in groups", () => {
  for (let round = 0; round < 200; round += 1) {
    expect(newGiftCardCode()).toMatch(/^[0-9A-HJKMNP-TV-Z]{5}(-[0-9A-HJKMNP-TV-Z]{5}){3}$/);
  }
});

test("every bit of the randomness is used: 5 a character", () => {
  const code = newGiftCardCode((length) => Uint8Array.from({ length }, (_, index) => index * 8 + 31));
  expect(code.replaceAll("-", "")).toBe("Z7FQ".repeat(5));
});

test("a code reads the same however it was typed", () => {
  const normal = "0123456789ABCDEF1110";
  for (const typed of ["01234-56789-ABCDE-F1110", "o1234 56789 abcde fIlLo", " 0123456789abcdefiiio\n"]) {
    expect(normalizeGiftCardCode(typed)).toBe(normal);
  }
});

test("what is no code is none", () => {
  for (const typed of [
    "",
    "0123",
    "0123456789ABCDEF111",
    "0123456789ABCDEF11100",
    "0123456789ABCDEF111U",
    "' or 1=1 --aaaaaaaaa",
  ]) {
    expect(normalizeGiftCardCode(typed)).toBeNull();
  }
});

test("only the hash and the last four are kept", () => {
  const normal = "0123456789ABCDEF1110";
  expect(hashGiftCardCode(normal)).toMatch(/^[0-9a-f]{64}$/);
  expect(lastFour(normal)).toBe("1110");
});

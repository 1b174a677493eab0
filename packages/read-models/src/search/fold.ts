const PLAIN = /^[\x20-\x7e]*$/;
/** Marks of letters that are read the same without; those of other scripts make another letter of them. */
const ACCENTS = /(?<=[\p{Script=Latin}\p{Script=Greek}]\p{M}*)\p{M}|(?<=[еЕ])\u0308/gu;

/** Small letters without accents. */
export function fold(text: string): string {
  // Nearly all words are plain, and folding is half of the work.
  if (PLAIN.test(text)) return text.toLowerCase();
  return text
    .toLowerCase()
    .normalize("NFKD")
    .replace(ACCENTS, "")
    .normalize("NFC")
    .replaceAll("ß", "ss")
    .replaceAll("ø", "o")
    .replaceAll("æ", "ae")
    .replaceAll("œ", "oe")
    .replaceAll("ł", "l")
    .replaceAll("ı", "i");
}

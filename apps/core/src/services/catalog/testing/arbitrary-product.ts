import fc from "fast-check";

/** Texts that spreadsheets and parsers trip over, among any others. */
const free = fc.oneof(
  fc.string({ unit: "grapheme", minLength: 1, maxLength: 20 }),
  fc
    .array(
      fc.constantFrom("=1+1", "'", "-", "@", '"', ",", ";", "\n", "\r\n", " ", "|", "none", "true", "007", "[1]", "{}"),
      {
        minLength: 1,
        maxLength: 5,
      },
    )
    .map((parts) => parts.join("")),
);
const line = free.map((text) => text.replace(/\p{C}/gu, "").trim()).filter((text) => text !== "");
const texts = fc.dictionary(fc.constantFrom("en-US", "de", "pt-BR"), free, { maxKeys: 3 });
const attribute = fc.oneof(
  free.map((value) => ({ type: "text", value })),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => ({ type: "number", value: value + 0 })),
  fc.boolean().map((value) => ({ type: "boolean", value })),
  fc.array(free, { minLength: 1, maxLength: 3 }).map((value) => ({ type: "list", value })),
  fc.constant({ type: "date", value: "2026-02-28" }),
);
const attributes = fc
  .dictionary(
    line.filter((code) => !code.includes("=")),
    attribute,
    { maxKeys: 4, noNullPrototype: true },
  )
  .map((values) => Object.entries(values).map(([code, value]) => ({ code, ...value })));
const url = fc.constantFrom("/media/a.webp", "/media/b|c.webp", "https://img.example/d.jpg");
const picture = fc.record({ url, alt: fc.string({ maxLength: 10 }) });
const price = fc.record({ amount: fc.nat(100_000), isReduced: fc.boolean() });

const prices = fc
  .dictionary(fc.constantFrom("USD", "EUR", "JPY", "KWD"), price, { maxKeys: 3, noNullPrototype: true })
  .map((all) => {
    // Whose last digit is none but 0.
    const { KWD: dinars, ...others } = all;
    return { ...others, ...(dinars && { KWD: { ...dinars, amount: dinars.amount * 10 } }) };
  });

const variantMembers = fc.record({
  prices,
  isGrouped: fc.boolean(),
  barcode: fc.option(line.map((text) => text.slice(0, 50).trim())),
  weightGrams: fc.option(fc.nat(9_999)),
  image: fc.option(picture),
  taxClass: fc.constantFrom("standard", "reduced"),
});
/** Any product that the shop can hold. */
export const product = fc
  .record({
    title: texts.filter((all) => Object.values(all).some((text) => text.trim() !== "")),
    description: texts,
    brand: fc.option(line),
    attributes,
    media: fc.uniqueArray(picture, { maxLength: 2, selector: (one) => one.url }),
    options: fc.uniqueArray(line, { maxLength: 2 }),
    values: fc.uniqueArray(line, { minLength: 1, maxLength: 3 }),
    variants: fc.array(variantMembers, { minLength: 3, maxLength: 3 }),
    categories: fc.subarray([0, 1, 2]),
    collections: fc.uniqueArray(fc.constantFrom("spring", "a".repeat(110), "eco-2"), { maxLength: 2 }),
    seo: fc.option(fc.constant({ title: "T", description: "D" })),
  })
  .map(({ values, options, variants, ...members }) => ({
    ...members,
    options: options.map((name) => ({ name, values })),
    variants: (options.length === 0 ? values.slice(0, 1) : values).map((value, index) => {
      const { prices, isGrouped, ...rest } = variants[index] ?? variants[0] ?? { prices: {}, isGrouped: false };
      return {
        ...rest,
        options: Object.fromEntries(options.map((name) => [name, value])),
        prices: [
          ...Object.entries(prices).map(([currency, { amount, isReduced }]) => {
            return { currency, amount, ...(isReduced && { compareAt: amount + 1 }) };
          }),
          ...(isGrouped ? [{ currency: "USD", amount: 1, customerGroup: "trade" }] : []),
        ],
      };
    }),
  }));

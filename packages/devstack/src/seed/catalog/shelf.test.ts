import { describe, expect, test } from "bun:test";
import { drawImage } from "../images/draw-image.ts";
import { motifs } from "../images/motifs.ts";
import { departments } from "./categories.ts";
import { shelf, shelfProduct } from "./shelf.ts";

const variants = shelf.flatMap((product) => product.variants);
const pictures = shelf.flatMap((product) => [...product.images.values()]);
const repeated = (values: readonly string[]) => values.filter((value, index) => values.indexOf(value) !== index);

describe("the demo shop's shelf", () => {
  test("holds 55 to 65 products in eight categories, none of them empty", () => {
    const categories = departments.flatMap((department) => department.categories);
    expect(categories).toHaveLength(8);
    expect(categories.filter(({ products }) => products.length < 5)).toEqual([]);
    expect(shelf.length).toBeGreaterThanOrEqual(55);
    expect(shelf.length).toBeLessThanOrEqual(65);
  });

  test("names no SKU, no slug and no picture twice", () => {
    expect(repeated(variants.map(({ sku }) => sku))).toEqual([]);
    expect(repeated(shelf.map(({ slug }) => slug))).toEqual([]);
    expect(repeated(pictures.map(({ motif, colour }) => `${motif} ${colour}`))).toEqual([]);
    const slugs = departments.flatMap(({ slug, categories }) => [slug, ...categories.map((category) => category.slug)]);
    expect(repeated(slugs)).toEqual([]);
  });

  test("has a price above zero in both currencies for every variant, and a former price only above it", () => {
    expect(variants.filter(({ usd, eur }) => usd <= 0 || eur <= 0 || !Number.isInteger(usd + eur))).toEqual([]);
    expect(variants.filter(({ was, usd, eur }) => was !== null && (was.usd <= usd || was.eur <= eur))).toEqual([]);
    expect(variants.some(({ was }) => was !== null)).toBe(true);
  });

  test("tells the variants of a product apart by their options", () => {
    const clashes = shelf.filter((product) => {
      return repeated(product.variants.map(({ options }) => JSON.stringify(options))).length > 0;
    });
    expect(clashes.map(({ slug }) => slug)).toEqual([]);
  });

  test("shows every state of stock: plenty, little, none, in one place only", () => {
    const counts = variants.map(({ stock }) => stock);
    expect(counts.flat().filter((units) => units < 0 || !Number.isInteger(units))).toEqual([]);
    expect(counts.some(([warehouse, store]) => warehouse + store === 0)).toBe(true);
    expect(counts.some(([warehouse, store]) => warehouse + store > 0 && warehouse + store < 6)).toBe(true);
    expect(counts.some(([warehouse, store]) => warehouse > 20 && store > 0)).toBe(true);
    expect(counts.some(([warehouse, store]) => warehouse === 0 && store > 0)).toBe(true);
  });

  test("describes each product in two or three sentences", () => {
    const sentences = (text: string) => text.split(/[.](?:\s|$)/).filter((sentence) => sentence.trim() !== "").length;
    const odd = shelf.filter(({ seed }) => ![2, 3].includes(sentences(seed.description)));
    expect(odd.map(({ slug }) => slug)).toEqual([]);
  });

  test("refuses stock that does not name each variant", () => {
    const [first] = shelf;
    if (!first) throw new Error("the shelf is empty");
    expect(() => shelfProduct({ ...first.seed, stock: [] }, "lighting")).toThrow(RangeError);
  });
});

describe("pictures", () => {
  test("are well-formed, titled, without scripts, links or broken numbers, each unlike all others", () => {
    const drawn = pictures.map(drawImage);
    for (const [index, svg] of drawn.entries()) {
      expect(openTags(svg)).toEqual([]);
      expect(svg).toContain('role="img"');
      expect(svg).toContain(`<title id="title">${pictures[index]?.title.replaceAll("&", "&amp;")}</title>`);
      expect(svg).not.toMatch(/<script|href|font|NaN|undefined|\[object/);
    }
    expect(new Set(drawn).size).toBe(drawn.length);
  });

  test("are used, all of them", () => {
    const used = new Set<string>(pictures.map(({ motif }) => motif));
    expect(Object.keys(motifs).filter((name) => !used.has(name))).toEqual([]);
  });

  test("say in their title what could be taken for markup", () => {
    expect(drawImage({ motif: "mug", colour: "sage", title: "Salt & <b>pepper" })).toContain(
      "Salt &amp; &lt;b&gt;pepper",
    );
  });
});

/** Elements that are opened and not closed in turn; `["!x"]` for a closing tag that fits none, `["?"]` for text that is no tag. */
function openTags(svg: string): string[] {
  const open: string[] = [];
  const tag = /<(\/?)([a-z]+)((?: [a-zA-Z:-]+="[^"<]*")*)(\/?)>/g;
  for (const [, closing, name = "", , empty] of svg.matchAll(tag)) {
    if (closing) {
      if (open.pop() !== name) return [`!${name}`];
    } else if (!empty) open.push(name);
  }
  return svg.replace(tag, "").includes("<") ? ["?"] : open;
}

import { expect, test } from "bun:test";
import { openChunks } from "./file-lines.ts";
import { readCsv } from "./read-csv.ts";
import { readJsonLines } from "./read-jsonl.ts";

type Reader = typeof readCsv;

/** What is read of a file: the SKUs of each product, and the line and message of each issue. */
async function reading(data: string | Uint8Array, reader: Reader = readCsv): Promise<(string[] | string)[]> {
  const bytes = typeof data === "string" ? new TextEncoder().encode(data) : data;
  async function* pieces() {
    for (let start = 0; start < bytes.length; start += 7_000) yield bytes.subarray(start, start + 7_000);
  }
  const { chunks } = openChunks(pieces(), { size: null, isPacked: false });
  const found = await Array.fromAsync(reader(chunks, { locale: "en" }));
  return found.map((one) =>
    one.kind === "product"
      ? one.product.variants.map(({ sku }) => sku)
      : `${one.issue.line} ${one.issue.message.split(":")[0]}`,
  );
}

const header = "product,sku,title,price\n";
const two = "mug,M-1,Mug,1.00\nmug,M-2,,1.00\n";

test("a row with a cell too few or too many takes its whole product out, not a variant of it", async () => {
  const length = "Invalid Record Length";
  expect(await reading(`${header}${two}hat,H-1,Hat,1\n`)).toEqual([["M-1", "M-2"], ["H-1"]]);
  expect(await reading(`${header}${two}mug,M-3\nhat,H-1,Hat,1\n`)).toEqual([`4 ${length}`, ["H-1"]]);
  expect(await reading(`${header}mug,M-3,a,b,c,d\n${two}hat,H-1,Hat,1\n`)).toEqual([`2 ${length}`, ["H-1"]]);
});

test("where nobody knows any more where rows begin, all before is kept, nothing behind is read, and both are told", async () => {
  const before = "stands before a row that cannot be read";
  const rows = (name: string, count: number) =>
    Array.from({ length: count }, (_, n) => `${name}-${n},${name}-${n},Cup,1\n`).join("");
  const kept = Array.from({ length: 300 }, (_, n) => [`cup-${n}`]);
  for (const [fault, name] of [
    ['hat,"H"x,Hat,1\n', "Invalid Closing Quote"],
    ['hat,"H', "Quote Not Closed"],
    [`big,B,${"x".repeat(1_100_000)},1\n`, "Max Record Size"],
  ] as const) {
    const file = `${header}${rows("cup", 300)}${two}${fault}${fault.endsWith("\n") ? rows("late", 400) : ""}`;
    expect([name, await reading(file)]).toEqual([name, [...kept, `304 ${name}`, `302 ${before}`]]);
  }
});

test("of two columns of one name none is guessed to be the one that is meant", async () => {
  expect(reading("product,sku,title,price, price \nmug,M,Mug,1.00,0.01\n")).rejects.toThrow("price stands twice");
});

test("a file whose cells are not parted by commas, or without the columns that say what a row is, is told so once", async () => {
  expect(reading("product;sku;title\nmug;M;Mug\nhat;H;Hat\n")).rejects.toThrow("there is no column product");
  expect(reading("product,title\nmug,Mug\n")).rejects.toThrow("there is no column sku");
});

test("a file that is not UTF-8 is refused, not read with other letters", async () => {
  const latin1 = (text: string) => Uint8Array.from(text, (letter) => letter.charCodeAt(0));
  const line = '{"id":"a","title":"M\u00fcsli","price_cents":1,"variants":[{"sku":"M"}]}\n';
  for (const file of [
    latin1(`${header}mug,M,M\u00fcsli,1\n`),
    new Uint8Array(Buffer.from(`\ufeff${header}`, "utf16le")),
  ]) {
    expect(reading(file)).rejects.toThrow("not UTF-8");
  }
  expect(reading(latin1(line), readJsonLines)).rejects.toThrow("not UTF-8");
  expect(await reading(line, readJsonLines)).toEqual([["M"]]);
  expect(reading(new TextEncoder().encode(`${header}mug,M,\u00fc`).subarray(0, -1))).rejects.toThrow("not UTF-8");
  // Letters may lie across pieces of the file.
  expect(await reading(`${header}mug,M,${"\u00fc\u{1f600}".repeat(9_000)},1\n`)).toEqual([["M"]]);
});

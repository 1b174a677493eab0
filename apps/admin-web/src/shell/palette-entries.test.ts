import { expect, test } from "bun:test";
import { type EntryGroup, entriesFor, type Hits, keyOf } from "./palette-entries.ts";
import { screens } from "./screens.ts";

const order = (number: string, email: string) => ({ id: `ord_${number}`, number, email });
const product = (title: string) => ({ id: `prod_${title}`, title });
function found(orders: object[], products: object[] = []): Hits {
  return { orders, products } as unknown as Hits;
}
const keys = (groups: readonly EntryGroup[]) => groups.flatMap(({ entries }) => entries.map(keyOf));
const firstOf = (words: string, hits: Hits) => keys(entriesFor(words, screens, hits))[0];

test("an order is first by its whole number, also when newer ones begin with it", () => {
  const newer = ["10005", "10004", "10003"].map((number) => order(number, "ada@example.com"));
  const groups = entriesFor("1000", screens, found([...newer, order("1000", "grace@example.com")]));
  expect(keys(groups).slice(0, 4)).toEqual(["ord_1000", "ord_10005", "ord_10004", "search Orders"]);
});

test("an order is first by its customer's whole e-mail, in whatever case", () => {
  const hits = found([order("2", "ada@example.com.au"), order("1", "ada@example.com")], [product("Mug")]);
  expect(firstOf("Ada@Example.com", hits)).toBe("ord_1");
});

test("a screen and a command are first by their beginning, and last when the words only occur in them", () => {
  const hits = found([], [product("Stocking")]);
  expect(firstOf("stoc", hits)).toBe("screen Stock");
  expect(firstOf("theme: d", hits)).toBe("theme dark");
  expect(keys(entriesFor("tock", screens, hits))).toEqual(
    ["prod_Stocking", "search Orders", "search Products", "search Stock", "screen Stock"], //
  );
});

test("a product is first where orders were found only by what is in them", () => {
  const hits = found([order("1", "ada@example.com")], [product("Mug")]);
  expect(firstOf("MUG-1", hits)).toBe("prod_Mug");
  expect(firstOf("ada", hits)).toBe("ord_1");
});

test("nothing typed shows every screen and command, and something that nobody knows only the lists", () => {
  expect(entriesFor("", screens, found([])).map(({ heading }) => heading)).toEqual(["Screens", "Commands"]);
  expect(entriesFor("zzz", screens, found([])).map(({ heading }) => heading)).toEqual(["Search"]);
});

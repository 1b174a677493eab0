import { expect, test } from "bun:test";
import { addressLines, type PostalAddress } from "./postal-address.ts";

const person = { name: "Ada Lovelace", line1: "1 Main Street" };
const place = (country: string, city: string, postalCode: string, region?: string): PostalAddress => {
  return { ...person, country, city, postalCode, region };
};

test.each([
  [place("US", "Portland", "97201", "OR"), "Portland, OR 97201", "United States"],
  [place("GB", "London", "SW1Y 4JH"), "London / SW1Y 4JH", "United Kingdom"],
  [place("DE", "Berlin", "10115"), "10115 Berlin", "Germany"],
  [place("FR", "Lyon", "69002"), "69002 Lyon", "France"],
  [place("CA", "Toronto", "M5V 2T6", "ON"), "Toronto ON M5V 2T6", "Canada"],
  [place("AU", "Sydney", "2000", "NSW"), "Sydney NSW 2000", "Australia"],
  [place("NL", "Amsterdam", "1012 JS"), "1012 JS Amsterdam", "Netherlands"],
  [place("BR", "São Paulo", "01310-000", "SP"), "São Paulo-SP / 01310-000", "Brazil"],
  [place("IT", "Milano", "20121", "MI"), "20121 Milano MI", "Italy"],
  [place("MX", "Puebla", "72000", "Pue."), "72000 Puebla, Pue.", "Mexico"],
  [place("IN", "Bengaluru", "560001", "Karnataka"), "Bengaluru 560001 / Karnataka", "India"],
  [place("JP", "Shibuya-ku", "150-0001", "Tokyo"), "Shibuya-ku, Tokyo / 150-0001", "Japan"],
])("the order is the country's own: %#", (address, written, country) => {
  expect(addressLines(address, "en")).toEqual(["Ada Lovelace", "1 Main Street", ...written.split(" / "), country]);
});

test("an address in Japan's or China's own letters begins with the largest place and ends with the person", () => {
  const tokyo = { name: "山田花子", line1: "神宮前1-2-3", city: "渋谷区", region: "東京都", postalCode: "150-0001" };
  expect(addressLines({ ...tokyo, country: "JP" }, "ja")).toEqual(
    ["〒150-0001", "東京都", "渋谷区", "神宮前1-2-3", "山田花子", "日本"], //
  );
  const beijing = { name: "王芳", line1: "长安街1号", city: "东城区", region: "北京市", postalCode: "100006" };
  expect(addressLines({ ...beijing, country: "CN" }, "zh")).toEqual(
    ["100006", "北京市东城区", "长安街1号", "王芳", "中国"], //
  );
});

test("a prefix that people have typed themselves is not written twice", () => {
  expect(addressLines(place("CH", "Zürich", "8001"), "de")).toContain("CH-8001 Zürich");
  expect(addressLines(place("CH", "Zürich", "CH-8001"), "de")).toContain("CH-8001 Zürich");
  expect(addressLines({ ...place("JP", "渋谷区", "〒150-0001"), line1: "神宮前1-2-3" }, "ja")[0]).toBe("〒150-0001");
});

test("a city and a code stand there even where the country's format has no place for them", () => {
  expect(addressLines(place("AE", "Dubai", "00000"), "en")).toEqual(
    ["Ada Lovelace", "1 Main Street", "Dubai", "00000", "United Arab Emirates"], //
  );
  expect(addressLines(place("SG", "Singapore", "546080"), "en").slice(2)).toEqual(["SINGAPORE 546080", "Singapore"]);
  expect(addressLines(place("XX", "Nowhere", "1"), "en").slice(2)).toEqual(["Nowhere", "1", "XX"]);
});

test("a second line follows the first, and of an erased person only the country is left", () => {
  expect(addressLines({ ...place("FR", "Lyon", "69002"), line2: "Étage 3" }, "fr")).toEqual(
    ["Ada Lovelace", "1 Main Street", "Étage 3", "69002 Lyon", "France"], //
  );
  const erased = { name: "", line1: "", city: "", postalCode: "", country: "US" };
  expect(addressLines(erased, "en")).toEqual(["United States"]);
});

test("a line break in what was typed makes no line of its own", () => {
  const address = { ...place("US", "Port\r\nland", "97201\n", "OR"), name: "Ada\nBcc: eve@example.com" };
  expect(addressLines(address, "en")).toEqual(
    ["Ada Bcc: eve@example.com", "1 Main Street", "Port land, OR 97201", "United States"], //
  );
});

test("the country is named in the reader's language, in English for a locale that nobody knows", () => {
  expect(addressLines(place("DE", "Berlin", "10115"), "fr-FR").at(-1)).toBe("Allemagne");
  expect(addressLines(place("DE", "Berlin", "10115"), "no such locale").at(-1)).toBe("Germany");
});

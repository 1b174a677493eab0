import { afterAll, beforeAll, expect, test } from "bun:test";
import { channels, indexTermsOf, keys, languageOf, localTerms } from "@stoa/read-models";
import { type EdgeUnderTest, edgeUnderTest, eventually } from "../testing/edge-under-test.ts";
import { productView, summaryView } from "../testing/fixtures.ts";
import { dropCollection, seedProducts } from "../testing/search-collection.ts";

const lamp = summaryView({ title: "Lamp" });
const desk = summaryView({ title: "Desk" });
const product = { ...productView(lamp), attributes: { material: "Brass", watts: 40 } };

let edge: EdgeUnderTest;
beforeAll(async () => {
  edge = await edgeUnderTest();
  await edge.seedShop({
    locale: "en-US",
    locales: [
      { code: "de", fallbacks: [] },
      { code: "pt-BR", fallbacks: ["de"] },
    ],
  });
  await edge.seed(keys.product("USD", lamp.slug), product);
  await edge.seed(keys.product("USD", desk.slug), productView(desk));
  await edge.seed(keys.texts("de", lamp.id), { title: "Lampe", attributes: { material: "Messing" } });
  await edge.seed(keys.categories(), { items: [{ name: "Light" }] });
  await edge.seed(keys.categoriesIn("de"), { items: [{ name: "Licht" }] });
  const german = (title: string) =>
    localTerms(
      indexTermsOf(
        { title, brand: "", description: "", kinds: [], above: [], codes: [], values: [] },
        languageOf("de"),
      ),
      "de",
    );
  await seedProducts(edge, [
    { summary: lamp, document: german("Messinglampen") },
    { summary: desk, document: german("Schreibtische") },
  ]);
});
afterAll(async () => {
  await dropCollection(edge);
  await edge[Symbol.asyncDispose]();
});

async function ask(path: string, accept?: string) {
  const answer = await edge.ask(path, accept === undefined ? {} : { headers: { "accept-language": accept } });
  const { headers, status } = answer;
  const body = Object(await answer.json());
  return {
    status,
    body,
    language: headers.get("content-language"),
    varies: headers.get("vary")?.includes("Accept-Language") === true,
    etag: headers.get("etag"),
  };
}

test("a product is told in the nearest language that the shop has, and says which", async () => {
  const german = await ask(`/v1/products/${lamp.slug}`, "de-AT, en;q=0.5");
  expect(german.body).toEqual({ ...product, title: "Lampe", attributes: { material: "Messing", watts: 40 } });
  expect([german.language, german.varies]).toEqual(["de", true]);
  const english = await ask(`/v1/products/${lamp.slug}`, "fr");
  expect([english.body.title, english.language, english.varies]).toEqual(["Lamp", "en-US", true]);
  expect(english.etag).not.toBe(german.etag);
});

test("what is not translated is told in the shop's own language, and says so", async () => {
  const untranslated = await ask(`/v1/products/${desk.slug}`, "de");
  expect([untranslated.body.title, untranslated.language]).toEqual(["Desk", "en-US"]);
});

test("callers of several languages never get each other's answer, whatever is held", async () => {
  const titles = [];
  for (const accept of ["de", "en", "de", undefined, "de"]) {
    titles.push((await ask(`/v1/products/${lamp.slug}`, accept)).body.title);
  }
  expect(titles).toEqual(["Lampe", "Lamp", "Lampe", "Lamp", "Lampe"]);
});

test("a language in the URL goes ahead of the header, and the answer then rests on the URL alone", async () => {
  const asked = await ask(`/v1/products/${lamp.slug}?locale=de`, "en");
  expect([asked.body.title, asked.language, asked.varies]).toEqual(["Lampe", "de", false]);
  expect((await ask(`/v1/products/${lamp.slug}?locale=d`)).status).toBe(422);
});

test("lists, searches, recommendations and the tree speak the language too", async () => {
  const titleIn = ({ body }: Awaited<ReturnType<typeof ask>>) =>
    body.items.find(({ id }: { id: string }) => id === lamp.id)?.title;
  expect(titleIn(await ask("/v1/products", "de"))).toBe("Lampe");
  expect(titleIn(await ask("/v1/search?q=lamp&locale=de"))).toBe("Lampe");
  await edge.seed(keys.recommendations("similar", desk.id), [lamp.id]);
  expect(titleIn(await ask(`/v1/products/${desk.slug}/recommendations`, "de"))).toBe("Lampe");
  const tree = await ask("/v1/categories", "de");
  expect([tree.body.items[0].name, tree.language]).toEqual(["Licht", "de"]);
  expect((await ask("/v1/categories")).body.items[0].name).toBe("Light");
});

test("a translation that changes is seen as soon as core announces it", async () => {
  const path = `/v1/products/${lamp.slug}?locale=pt-BR`;
  expect((await ask(path)).body.title).toBe("Lamp");
  await edge.seed(keys.texts("pt-BR", lamp.id), { title: "Luminária" });
  await edge.redis.publish(channels.invalidate, keys.texts("pt-BR", lamp.id));
  await eventually(async () => expect((await ask(path)).body.title).toBe("Luminária"));
});

test("a shop with one language says nothing of languages", async () => {
  await using plain = await edgeUnderTest();
  await plain.seedShop();
  await plain.seed(keys.product("USD", lamp.slug), product);
  const answer = await plain.ask(`/v1/products/${lamp.slug}`, { headers: { "accept-language": "de" } });
  expect(answer.headers.get("content-language")).toBeNull();
  expect(answer.headers.get("vary") ?? "").not.toContain("Accept-Language");
});

test("words are looked for in the caller's language, with its inflections and the shop's own synonyms, once the index knows it", async () => {
  const search = async (q: string, accept: string) => {
    const { body } = await ask(`/v1/search?q=${encodeURIComponent(q)}`, accept);
    return [...body.items].map(({ slug }: { slug: string }) => slug);
  };
  expect(await search("schreibtisch", "de")).toEqual([]);
  const counts = { "#documents": "2", messinglamp: "1", schreibtisch: "1" };
  await edge.redis.hset(keys.searchCorpus("de"), counts);
  const synonyms = [{ from: null, phrases: [["sekretären"], ["schreibtische"]] }];
  await edge.redis.set(keys.searchRules(), JSON.stringify({ synonyms, curations: {} }));
  await edge.redis.publish(channels.invalidate, keys.searchIndex());
  await eventually(async () => expect(await search("Schreibtisch", "de")).toEqual([desk.slug]));
  expect(await search("Schreibtischen", "de")).toEqual([desk.slug]);
  expect(await search("Sekretär", "de")).toEqual([desk.slug]);
  expect(await search("desk", "en-US")).toEqual([desk.slug]);
  expect(await search("Messinglampe", "en-US")).toEqual([]);
});

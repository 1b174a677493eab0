import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { type Client, Errors } from "typesense";
import { type Target, targetSources } from "./targets.ts";

const titles = [
  "Laptop stand",
  "Notebook computer",
  "Smart phone",
  "Mobile case",
  "Desk lamp",
  "Floor lamp",
  "Running shoes",
];

describe.each(targetSources.map((source) => [source.name, source] as const))(
  "synonyms and curation on %s",
  (_name, source) => {
    let target: Target;
    let client: Client;

    beforeAll(async () => {
      target = await source.start();
      client = target.client();
    });
    afterAll(() => target.stop());

    const shop = async () => {
      const name = target.name("curated");
      await client.collections().create({
        name,
        fields: [
          { name: "title", type: "string" },
          { name: "rank", type: "int32" },
        ],
        default_sorting_field: "rank",
      });
      const documents = titles.map((title, at) => ({ id: `p${at}`, title, rank: at }));
      await client.collections<object>(name).documents().import(documents);
      return name;
    };
    const find = async (name: string, q: string, more: object = {}) => {
      const answer = await client
        .collections<{ id: string }>(name)
        .documents()
        .search({ q, query_by: "title", num_typos: 0, drop_tokens_threshold: 0, ...more });
      return (answer.hits ?? []).map((hit) => hit.document.id);
    };

    test("synonyms of a set are found from each side, also of several words, and only where the set is linked", async () => {
      const name = await shop();
      const set = target.name("synonyms");
      await client.synonymSets(set).upsert({
        items: [
          { id: "a", synonyms: ["laptop", "notebook"] },
          { id: "b", synonyms: ["smart phone", "handset"] },
          { id: "c", root: "sneaker", synonyms: ["running shoes"] },
        ],
      });
      expect(await find(name, "laptop")).toEqual(["p0"]);
      await client.collections(name).update({ synonym_sets: [set] });
      expect((await find(name, "laptop")).sort()).toEqual(["p0", "p1"]);
      expect((await find(name, "notebook")).sort()).toEqual(["p0", "p1"]);
      expect(await find(name, "handset")).toEqual(["p2"]);
      expect(await find(name, "sneaker")).toEqual(["p6"]);
      expect(await find(name, "laptop", { enable_synonyms: false })).toEqual(["p0"]);
      expect(await client.synonymSets(set).retrieve()).toMatchObject({
        items: [{ id: "a" }, { id: "b" }, { id: "c" }],
      });
      await client.synonymSets(set).delete();
      await expect(client.synonymSets(set).retrieve()).rejects.toBeInstanceOf(Errors.ObjectNotFound);
      expect(await find(name, "handset")).toEqual([]);
    });

    test("items of a set are put, listed and deleted one by one", async () => {
      const set = target.name("items");
      await client.synonymSets(set).upsert({ items: [] });
      await client
        .synonymSets(set)
        .items()
        .upsert("x", { synonyms: ["a", "b"] });
      expect(await client.synonymSets(set).items().retrieve()).toMatchObject([{ id: "x", synonyms: ["a", "b"] }]);
      await client.synonymSets(set).items("x").delete();
      expect(await client.synonymSets(set).items().retrieve()).toEqual([]);
      await client.synonymSets(set).delete();
    });

    test("a curation set pins and hides for its query only", async () => {
      const name = await shop();
      const set = target.name("curation");
      await client.curationSets(set).upsert({
        items: [
          {
            id: "lamps",
            rule: { query: "lamp", match: "exact" },
            includes: [{ id: "p6", position: 1 }],
            excludes: [{ id: "p5" }],
          },
        ],
      });
      await client.collections(name).update({ curation_sets: [set] });
      expect(await find(name, "lamp")).toEqual(["p6", "p4"]);
      expect((await find(name, "floor lamp")).sort()).toEqual(["p5"]);
      expect((await find(name, "lamp", { enable_overrides: false })).sort()).toEqual(["p4", "p5"]);
      await client.curationSets(set).delete();
    });

    test("a curation may replace the query or filter it", async () => {
      const name = await shop();
      const set = target.name("curation");
      await client.curationSets(set).upsert({
        items: [
          { id: "replace", rule: { query: "telephone", match: "exact" }, replace_query: "phone" },
          {
            id: "filter",
            rule: { query: "first", match: "contains" },
            filter_by: "rank:<2",
            remove_matched_tokens: true,
          },
        ],
      });
      await client.collections(name).update({ curation_sets: [set] });
      expect(await find(name, "telephone")).toEqual(["p2"]);
      expect((await find(name, "first")).sort()).toEqual(["p0", "p1"]);
      await client.curationSets(set).delete();
    });

    test("hits are pinned and hidden by a search of its own", async () => {
      const name = await shop();
      expect(await find(name, "lamp", { pinned_hits: "p0:1,p1:2", hidden_hits: "p5" })).toEqual(["p0", "p1", "p4"]);
    });

    test("presets give parameters, and a search may override them", async () => {
      const name = await shop();
      const preset = target.name("preset");
      await client.presets().upsert(preset, { value: { query_by: "title", q: "lamp", per_page: 1 } });
      const search = (more: object) =>
        client
          .collections<{ id: string }>(name)
          .documents()
          .search({ preset, ...more });
      const answer = await search({});
      expect([answer.found, answer.hits?.length]).toEqual([2, 1]);
      expect((await search({ q: "phone" })).found).toBe(1);
      await client.presets(preset).delete();
      await expect(search({})).rejects.toBeInstanceOf(Errors.ObjectNotFound);
    });

    test("stop words are left out of a query", async () => {
      const name = await shop();
      const id = target.name("stop");
      await client.stopwords().upsert(id, { stopwords: ["the", "with"] });
      expect(await find(name, "the desk lamp")).toEqual([]);
      expect(await find(name, "the desk lamp", { stopwords: id })).toEqual(["p4"]);
      expect(await client.stopwords(id).retrieve()).toMatchObject({ stopwords: { id, stopwords: ["the", "with"] } });
      await client.stopwords(id).delete();
    });
  },
);

describe("what came before the sets, on embedded", () => {
  test("synonyms and overrides of one collection work and are listed", async () => {
    const [source] = targetSources;
    const target = await source?.start();
    if (!target) throw new Error("the embedded server is always there");
    const client = target.client();
    await client.collections().create({ name: "old", fields: [{ name: "title", type: "string" }] });
    const documents = client.collections<{ id: string; title: string }>("old").documents();
    await documents.import(titles.map((title, at) => ({ id: `p${at}`, title })));
    const found = async (q: string) =>
      (await documents.search({ q, query_by: "title", num_typos: 0 })).hits?.map((hit) => hit.document.id);
    await client
      .collections("old")
      .synonyms()
      .upsert("s", { synonyms: ["laptop", "portable"] });
    await client
      .collections("old")
      .overrides()
      .upsert("o", { rule: { query: "shoes", match: "exact" }, includes: [{ id: "p0", position: 1 }] });
    expect(await found("portable")).toEqual(["p0"]);
    expect(await found("shoes")).toEqual(["p0", "p6"]);
    expect((await client.collections("old").synonyms().retrieve()).synonyms).toMatchObject([{ id: "s" }]);
    await client.collections("old").synonyms("s").delete();
    expect(await found("portable")).toEqual([]);
    await target.stop();
  });
});

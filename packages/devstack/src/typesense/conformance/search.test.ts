import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { Errors } from "typesense";
import { type Documents, productsOf, type SampleProduct, shopDocuments, shopSchema } from "./shop.ts";
import { type Target, targetSources } from "./targets.ts";

describe.each(targetSources.map((source) => [source.name, source] as const))("searching on %s", (_name, source) => {
  let target: Target;

  beforeAll(async () => {
    target = await source.start();
    const name = target.name("shop");
    await target.client().collections().create(shopSchema(name));
    documents = productsOf(target.client(), name);
    await documents.import(all, { action: "upsert" });
    collection = target.client().collections(name);
  });
  afterAll(() => target.stop());

  const all = shopDocuments(600, 11);
  let documents: Documents;
  let collection: ReturnType<ReturnType<Target["client"]>["collections"]>;

  const idsOf = (holds: (document: SampleProduct) => boolean) =>
    all
      .filter(holds)
      .map((document) => document.id)
      .sort();
  /** Ids of all hits over all pages. */
  const find = async (parameters: Parameters<Documents["search"]>[0]) => {
    const ids: string[] = [];
    for (let page = 1; ; page += 1) {
      const answer = await documents.search({ per_page: 250, ...parameters, page });
      ids.push(...(answer.hits ?? []).map((hit) => String(hit.document.id)));
      if ((answer.hits ?? []).length === 0) return ids.sort();
    }
  };
  const query_by = "title,brand";

  test("all words must be found, in whatever fields", async () => {
    const expected = idsOf((document) => document.title.startsWith("red leather") && document.brand === "Cedar");
    expect(expected.length).toBeGreaterThan(0);
    expect(await find({ q: "cedar leather red", query_by })).toEqual(expected);
  });

  test("the last word may be a beginning, unless prefixes are off", async () => {
    const expected = idsOf((document) => document.title.startsWith("red leather"));
    expect(await find({ q: "red leath", query_by })).toEqual(expected);
    expect(await find({ q: "red leath", query_by, prefix: false, num_typos: 0, drop_tokens_threshold: 0 })).toEqual([]);
  });

  test.each(["lether jacket", "leahter jacket", "leatherr jaket", "leather jcaket"])(
    "%p finds leather jackets",
    async (q) => {
      const expected = idsOf((document) => document.title.endsWith("leather jacket"));
      expect(await find({ q, query_by: "title", prefix: false })).toEqual(expected);
      expect(await find({ q, query_by: "title", prefix: false, num_typos: 0, drop_tokens_threshold: 0 })).toEqual([]);
    },
  );

  test("short words allow no typo, and exact hits make typos needless", async () => {
    expect(await find({ q: "rad", query_by: "title", prefix: false })).toEqual([]);
    const wool = await find({ q: "wool", query_by: "title", prefix: false });
    expect(wool).toEqual(idsOf((document) => document.title.includes("wool")));
  });

  test("words are left away from the right when nothing has them all", async () => {
    const expected = idsOf((document) => document.title.includes("canvas"));
    expect(await find({ q: "canvas zzzzzzzz", query_by: "title", num_typos: 0 })).toEqual(expected);
    expect(await find({ q: "canvas zzzzzzzz", query_by: "title", num_typos: 0, drop_tokens_threshold: 0 })).toEqual([]);
  });

  test("a number is found with and without its dashes", async () => {
    const [first] = all;
    expect(await find({ q: "SKU-37", query_by: "skus", prefix: false, num_typos: 0 })).toEqual(["prod_00037"]);
    expect(await find({ q: "sku37", query_by: "skus", prefix: false, num_typos: 0 })).toEqual(["prod_00037"]);
    expect(first?.id).toBe("prod_00000");
  });

  test("phrases and excluded words", async () => {
    expect(await find({ q: '"forest green wool"', query_by: "title" })).toEqual(
      idsOf((document) => document.title.includes("forest green wool")),
    );
    expect(await find({ q: "jacket -leather", query_by: "title", prefix: false })).toEqual(
      idsOf((document) => document.title.includes("jacket") && !document.title.includes("leather")),
    );
  });

  test("a query finds the same whatever the filter takes away", async () => {
    const expected = idsOf((document) => document.title.includes("lamp") && document.inStock && document.sold > 100);
    expect(await find({ q: "lamp", query_by, filter_by: "inStock:true && sold:>100" })).toEqual(expected);
  });

  test("hits are sorted by up to three fields, and documents without the field come last", async () => {
    const sorted = await documents.search({ q: "*", sort_by: "inStock:desc,sold:asc", per_page: 250 });
    const rows = (sorted.hits ?? []).map((hit) => hit.document);
    const byHand = [...rows].sort((a, b) => Number(b.inStock) - Number(a.inStock) || a.sold - b.sold);
    expect(rows.map((row) => [row.inStock, row.sold])).toEqual(byHand.map((row) => [row.inStock, row.sold]));
    const cheapest = await documents.search({ q: "*", sort_by: "prices.EUR:asc", per_page: 1 });
    const euros = all.flatMap((document) => document.prices.EUR ?? []);
    expect(cheapest.hits?.[0]?.document.prices.EUR).toBe(Math.min(...euros));
    for (const sort_by of ["nosuch:asc", "title:asc"]) {
      await expect(documents.search({ q: "*", sort_by })).rejects.toBeInstanceOf(Errors.ObjectNotFound);
    }
    await expect(documents.search({ q: "*", sort_by: "sold" })).rejects.toBeInstanceOf(Errors.RequestMalformed);
  });

  test("pages, offset and limit cut the same list", async () => {
    const sort_by = "sold:desc,publishedAt:desc";
    const ids = async (cut: object) =>
      (await documents.search({ q: "*", sort_by, ...cut })).hits?.map((hit) => hit.document.id);
    const whole = (await ids({ per_page: 60 })) ?? [];
    expect(await ids({ page: 2, per_page: 20 })).toEqual(whole.slice(20, 40));
    expect(await ids({ offset: 7, limit: 5 })).toEqual(whole.slice(7, 12));
    const beyond = await documents.search({ q: "*", page: 99, per_page: 100 });
    expect([beyond.found, beyond.hits?.length]).toEqual([600, 0]);
    await expect(documents.search({ q: "*", per_page: 251 })).rejects.toThrow();
  });

  test("found words are marked, in long texts with some words around", async () => {
    const answer = await documents.search({
      q: "leather",
      query_by: "title,attributes",
      per_page: 1,
      highlight_start_tag: "[",
      highlight_end_tag: "]",
    });
    const [hit] = answer.hits ?? [];
    expect(hit?.highlight.title?.snippet).toContain("[leather]");
    expect(hit?.highlight.title?.matched_tokens).toEqual(["leather"]);
    const described = await documents.search({
      q: "lasts",
      query_by: "description",
      snippet_threshold: 3,
      highlight_affix_num_tokens: 1,
      highlight_full_fields: "description",
      per_page: 1,
    });
    const description = described.hits?.[0]?.highlight.description;
    expect(description?.snippet).toContain("<mark>Lasts</mark> for");
    expect(description?.snippet).not.toContain("A ");
    expect(description?.value).toContain("years");
  });

  test("only the fields asked for are sent", async () => {
    const only = await documents.search({ q: "*", include_fields: "title,prices.USD", per_page: 1 });
    const [first] = only.hits ?? [];
    expect(Object.keys(first?.document ?? {}).sort()).toEqual(["prices", "title"]);
    expect(Object.keys(first?.document.prices ?? {})).toEqual(["USD"]);
    const without = await documents.search({ q: "*", exclude_fields: "prices,description", per_page: 1 });
    expect(without.hits?.[0]?.document).not.toHaveProperty("prices");
  });

  test("hits are grouped, and the groups counted", async () => {
    const answer = await documents.search({
      q: "lamp",
      query_by: "title",
      group_by: "brand",
      group_limit: 2,
      per_page: 10,
    });
    const lamps = all.filter((document) => document.title.endsWith("lamp"));
    const brands = [...new Set(lamps.map((document) => document.brand))].sort();
    expect(answer.found).toBe(brands.length);
    expect(answer.found_docs).toBe(lamps.length);
    expect(answer.grouped_hits?.map((group) => String(group.group_key[0])).sort()).toEqual(brands);
    for (const group of answer.grouped_hits ?? []) expect(group.hits.length).toBeLessThanOrEqual(2);
    await expect(documents.search({ q: "*", group_by: "sold" })).rejects.toThrow();
  });

  test("several searches are answered at once, a refused one in its place", async () => {
    const name = (await collection.retrieve()).name;
    const { results } = await target.client().multiSearch.perform<[SampleProduct, SampleProduct]>(
      {
        searches: [
          { collection: name, q: "lamp" },
          { collection: "nosuch", q: "x" },
        ],
      },
      { query_by: "title", per_page: 1 },
    );
    expect(results[0]?.found).toBe(idsOf((document) => document.title.endsWith("lamp")).length);
    expect(results[1]).toMatchObject({ code: 404 });
    expect(results[1]).toHaveProperty("error");
  });

  test("a union of searches is one list", async () => {
    const name = (await collection.retrieve()).name;
    const answer = await target.client().multiSearch.perform(
      {
        union: true,
        searches: [
          { collection: name, q: "lamp", query_by: "title" },
          { collection: name, q: "kettle", query_by: "title" },
        ],
      },
      { per_page: 250 },
    );
    const expected = idsOf((document) => /lamp|kettle/.test(document.title)).length;
    expect(answer).toMatchObject({ found: expected });
  });

  test("a search by fields that cannot be searched is refused", async () => {
    await expect(documents.search({ q: "x", query_by: "nosuch" })).rejects.toBeInstanceOf(Errors.ObjectNotFound);
    await expect(documents.search({ q: "x", query_by: "sold" })).rejects.toBeInstanceOf(Errors.RequestMalformed);
    await expect(documents.search({ q: "x" })).rejects.toBeInstanceOf(Errors.RequestMalformed);
    await expect(documents.search({ query_by: "title" })).rejects.toBeInstanceOf(Errors.RequestMalformed);
  });

  test("a query string that is too long is sent to multi_search", async () => {
    const filter_by = `id:[${all.map((document) => document.id).join(",")}]`;
    await expect(documents.search({ q: "*", filter_by })).rejects.toThrow("multi_search");
    const name = (await collection.retrieve()).name;
    const { results } = await target
      .client()
      .multiSearch.perform<[SampleProduct]>({ searches: [{ collection: name, q: "*", filter_by }] });
    expect(results[0]?.found).toBe(all.length);
  });
});

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { Errors } from "typesense";
import { type Documents, productsOf, type SampleProduct, shopDocuments, shopSchema } from "./shop.ts";
import { type Target, targetSources } from "./targets.ts";

describe.each(targetSources.map((source) => [source.name, source] as const))(
  "filters and facets on %s",
  (_name, source) => {
    let target: Target;

    beforeAll(async () => {
      target = await source.start();
      const name = target.name("shop");
      await target.client().collections().create(shopSchema(name));
      documents = productsOf(target.client(), name);
      await documents.import(all, { action: "upsert" });
    });
    afterAll(() => target.stop());

    const all = shopDocuments(2_000);
    let documents: Documents;

    type Holds = (document: SampleProduct) => boolean;
    const attribute =
      (text: string): Holds =>
      (document) =>
        document.attributes.includes(text);
    const usd = (document: SampleProduct) => document.prices.USD ?? 0;

    const filters: readonly (readonly [string, Holds])[] = [
      ["brand:=Alder", (d) => d.brand === "Alder"],
      ["brand:=alder", (d) => d.brand === "Alder"],
      ["brand:!=Alder", (d) => d.brand !== "Alder"],
      ["brand:=[Alder, Cedar]", (d) => d.brand === "Alder" || d.brand === "Cedar"],
      ["brand:!=[Alder, Cedar]", (d) => d.brand !== "Alder" && d.brand !== "Cedar"],
      ["brand:=`Birch & Sons`", (d) => d.brand === "Birch & Sons"],
      ["brand:Birch", (d) => d.brand === "Birch & Sons"],
      ["brand:=Birch", () => false],
      ["brand:Dou*", (d) => d.brand === "Douglas-Fir"],
      ["attributes:=`color=forest green`", attribute("color=forest green")],
      ["attributes:=[`color=red`,`color=navy`]", (d) => attribute("color=red")(d) || attribute("color=navy")(d)],
      ["attributes:=`color=red` && attributes:=`size=XL`", (d) => attribute("color=red")(d) && attribute("size=XL")(d)],
      ["categories:=home", (d) => d.categories.includes("home")],
      ["categories:!=home", (d) => !d.categories.includes("home")],
      ["inStock:true", (d) => d.inStock],
      ["inStock:=false", (d) => !d.inStock],
      ["prices.USD:>=10000", (d) => usd(d) >= 10_000],
      ["prices.USD:<10000", (d) => usd(d) < 10_000],
      ["prices.USD:[1000..5000]", (d) => usd(d) >= 1_000 && usd(d) <= 5_000],
      [
        "prices.USD:[1000..5000, 30000..31000]",
        (d) => (usd(d) >= 1_000 && usd(d) <= 5_000) || (usd(d) >= 30_000 && usd(d) <= 31_000),
      ],
      ["prices.EUR:>0", (d) => d.prices.EUR !== undefined],
      ["sold:[<10, >490]", (d) => d.sold < 10 || d.sold > 490],
      ["sold:=[1,2,3]", (d) => [1, 2, 3].includes(d.sold)],
      ["sold:!=[1,2,3]", (d) => ![1, 2, 3].includes(d.sold)],
      ["id:[prod_00001,prod_00002,none]", (d) => d.id === "prod_00001" || d.id === "prod_00002"],
      ["id:!=prod_00001", (d) => d.id !== "prod_00001"],
      [
        "inStock:true && (brand:=Alder || brand:=Cedar) && sold:>250",
        (d) => d.inStock && ["Alder", "Cedar"].includes(d.brand) && d.sold > 250,
      ],
      [
        "brand:=Alder || brand:=Cedar && sold:>250",
        (d) => (d.brand === "Alder" || d.brand === "Cedar") && d.sold > 250,
      ],
      [
        "sold:>250 && brand:=Alder || brand:=Cedar",
        (d) => (d.sold > 250 && d.brand === "Alder") || d.brand === "Cedar",
      ],
      ["((sold:>=100)&&(sold:<200))", (d) => d.sold >= 100 && d.sold < 200],
    ];

    test.each(filters)("filter %s finds what it says, neither more nor less", async (filter_by, holds) => {
      const expected = all.filter(holds).map((document) => document.id);
      const lines = await documents.export({ filter_by, include_fields: "id" });
      const found = lines
        .split("\n")
        .filter(Boolean)
        .map((line) => String(JSON.parse(line).id));
      expect(found.sort()).toEqual(expected.sort());
      expect((await documents.search({ q: "*", filter_by, per_page: 0 })).found).toBe(expected.length);
    });

    test.each([
      ["nosuch:=1", Errors.ObjectNotFound],
      ["slug:=x", Errors.RequestMalformed],
      ["prices.USD:abc", Errors.RequestMalformed],
      ["inStock:maybe", Errors.RequestMalformed],
      ["brand", Errors.RequestMalformed],
      ["(brand:=Alder", Errors.RequestMalformed],
      ["brand:=Alder &&", Errors.RequestMalformed],
      ["brand:=[Alder", Errors.RequestMalformed],
    ] as const)("filter %s is refused", async (filter_by, refusal) => {
      await expect(documents.search({ q: "*", filter_by })).rejects.toBeInstanceOf(refusal);
    });

    const count = (values: readonly string[]) => {
      const counts = new Map<string, number>();
      for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
      return counts;
    };
    const facet = async (parameters: Partial<Parameters<Documents["search"]>[0]>) => {
      const answer = await documents.search({ q: "*", per_page: 0, max_facet_values: 1_000, ...parameters });
      const [first] = answer.facet_counts ?? [];
      if (!first) throw new Error("no facet was counted");
      return {
        counts: new Map(first.counts.map(({ value, count: own }) => [value, own])),
        stats: first.stats,
        raw: first,
      };
    };

    test("facets of one value and of several count documents, under the filter", async () => {
      const kept = all.filter((document) => document.inStock);
      const filter_by = "inStock:true";
      expect((await facet({ facet_by: "brand", filter_by })).counts).toEqual(
        count(kept.map((document) => document.brand)),
      );
      expect((await facet({ facet_by: "attributes", filter_by })).counts).toEqual(
        count(kept.flatMap((d) => d.attributes)),
      );
      expect((await facet({ facet_by: "categories", filter_by })).counts).toEqual(
        count(kept.flatMap((d) => d.categories)),
      );
      expect((await facet({ facet_by: "inStock" })).counts).toEqual(
        count(all.map((document) => String(document.inStock))),
      );
    });

    test("the most frequent values come first, as many as asked for", async () => {
      const { raw } = await facet({ facet_by: "attributes", max_facet_values: 3 });
      const best = [...count(all.flatMap((document) => document.attributes)).values()]
        .sort((a, b) => b - a)
        .slice(0, 3);
      expect(raw.counts.map((value) => value.count)).toEqual(best);
    });

    test("price ranges include their lower and exclude their upper end, and statistics are told", async () => {
      const boundary = Math.max(...all.slice(0, 20).map(usd));
      const ranges = `prices.USD(low:[0, ${boundary}], high:[${boundary}, 100000])`;
      const { counts, stats } = await facet({ facet_by: ranges });
      const prices = all.map(usd);
      expect(counts.get("low")).toBe(prices.filter((price) => price < boundary).length);
      expect(counts.get("high")).toBe(prices.filter((price) => price >= boundary).length);
      expect(stats).toMatchObject({ min: Math.min(...prices), max: Math.max(...prices) });
      expect(stats.avg).toBeCloseTo(prices.reduce((sum, price) => sum + price, 0) / prices.length, 3);
    });

    test("several facets are answered in the order of asking", async () => {
      const answer = await documents.search({ q: "*", facet_by: "brand,prices.USD(a:[0, 10000]),categories" });
      expect(answer.facet_counts?.map((entry) => String(entry.field_name))).toEqual([
        "brand",
        "prices.USD",
        "categories",
      ]);
    });

    test("a facet query keeps the values that begin so, and marks them", async () => {
      const { raw } = await facet({ facet_by: "brand", facet_query: "brand:ald" });
      expect(raw.counts.map((value) => value.value)).toEqual(["Alder"]);
      expect(raw.counts[0]?.highlighted).toBe("<mark>Ald</mark>er");
    });

    test("with grouping a facet counts groups, not documents", async () => {
      const { counts } = await facet({ facet_by: "inStock", group_by: "brand" });
      const brands = new Set(all.map((document) => document.brand)).size;
      expect(counts).toEqual(
        new Map([
          ["true", brands],
          ["false", brands],
        ]),
      );
    });

    test("a facet on a field that is none is refused", async () => {
      for (const facet_by of ["nosuch", "title"]) {
        await expect(documents.search({ q: "*", facet_by })).rejects.toBeInstanceOf(Errors.ObjectNotFound);
      }
    });
  },
);

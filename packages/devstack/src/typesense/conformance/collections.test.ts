import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { type Client, Errors } from "typesense";
import { type Target, targetSources } from "./targets.ts";

describe.each(targetSources.map((source) => [source.name, source] as const))(
  "collections and documents on %s",
  (_name, source) => {
    let target: Target;

    beforeAll(async () => {
      target = await source.start();
      client = target.client();
    });
    afterAll(() => target.stop());

    let client: Client;

    const products = async (name = target.name("products")) => {
      await client.collections().create({
        name,
        fields: [
          { name: "title", type: "string" },
          { name: "price", type: "int32", facet: true },
          { name: "tags", type: "string[]", optional: true },
          { name: "rating", type: "float", optional: true },
          { name: "sold", type: "bool", optional: true },
        ],
      });
      return name;
    };

    test("a collection is made, shown, listed and dropped", async () => {
      const name = await products();
      const shown = await client.collections(name).retrieve();
      expect(shown).toMatchObject({ name, num_documents: 0, default_sorting_field: "" });
      expect(shown.fields.find((field) => field.name === "price")).toMatchObject({
        type: "int32",
        facet: true,
        sort: true,
      });
      expect((await client.collections().retrieve()).map((collection) => collection.name)).toContain(name);
      await expect(
        client.collections().create({ name, fields: [{ name: "a", type: "string" }] }),
      ).rejects.toBeInstanceOf(Errors.ObjectAlreadyExists);
      await client.collections(name).delete();
      await expect(client.collections(name).retrieve()).rejects.toBeInstanceOf(Errors.ObjectNotFound);
    });

    test.each([[[]], [[{ name: "a", type: "nosuch" }]], [[{ type: "string" }]]])(
      "the fields %j are refused",
      async (fields) => {
        const body = JSON.stringify({ name: target.name("bad"), fields });
        const headers = { "x-typesense-api-key": target.apiKey };
        expect((await fetch(`${target.url}/collections`, { method: "POST", headers, body })).status).toBe(400);
      },
    );

    test("an alias names a collection, may move to another, and may be gone", async () => {
      const [one, two] = [await products(), await products()];
      const alias = target.name("alias");
      await expect(client.aliases(alias).retrieve()).rejects.toBeInstanceOf(Errors.ObjectNotFound);
      await client.aliases().upsert(alias, { collection_name: one });
      await client.collections(alias).documents().create({ id: "a", title: "x", price: 1 });
      expect((await client.collections(one).retrieve()).num_documents).toBe(1);
      await client.aliases().upsert(alias, { collection_name: two });
      expect((await client.collections(alias).retrieve()).num_documents).toBe(0);
      expect((await client.aliases().retrieve()).aliases).toContainEqual({ name: alias, collection_name: two });
      await client.aliases(alias).delete();
      await expect(client.collections(alias).retrieve()).rejects.toBeInstanceOf(Errors.ObjectNotFound);
    });

    test("a document is written, read, changed and deleted", async () => {
      const collection = client.collections<Record<string, unknown>>(await products());
      await collection.documents().create({ id: "1", title: "Lamp", price: 10 });
      await expect(collection.documents().create({ id: "1", title: "Lamp", price: 10 })).rejects.toBeInstanceOf(
        Errors.ObjectAlreadyExists,
      );
      await collection.documents("1").update({ price: 20 });
      expect(await collection.documents("1").retrieve()).toEqual({ id: "1", title: "Lamp", price: 20 });
      await collection.documents().upsert({ id: "1", title: "Desk lamp", price: 30 });
      expect((await collection.documents().search({ q: "desk", query_by: "title" })).found).toBe(1);
      await collection.documents("1").delete();
      expect((await collection.documents().search({ q: "desk", query_by: "title" })).found).toBe(0);
      await expect(collection.documents("1").retrieve()).rejects.toBeInstanceOf(Errors.ObjectNotFound);
      await expect(collection.documents("1").update({ price: 1 })).rejects.toBeInstanceOf(Errors.ObjectNotFound);
    });

    test("import answers line by line, and a refused line leaves the others alone", async () => {
      const name = await products();
      const documents = client.collections<Record<string, unknown>>(name).documents();
      const lines = [
        '{"id":"1","title":"a","price":1}',
        '{"id":"2","title":"b"}',
        "{bad",
        '{"id":"1","title":"c","price":3}',
      ];
      const answers = (await documents.import(lines.join("\n"), { action: "create" }))
        .split("\n")
        .map((line) => JSON.parse(line));
      expect(answers.map((answer) => [answer.success, answer.code])).toEqual([
        [true, undefined],
        [false, 400],
        [false, 400],
        [false, 409],
      ]);
      expect(answers[1].error).toBe("Field `price` has been declared in the schema, but is not found in the document.");
      expect(answers[1].document).toBe(lines[1]);
      expect((await client.collections(name).retrieve()).num_documents).toBe(1);
      await expect(documents.import([{ id: "9", title: "x" }])).rejects.toBeInstanceOf(Errors.ImportError);
    });

    test("each import action does what its name says", async () => {
      const name = await products();
      const documents = client.collections<Record<string, unknown>>(name).documents();
      const read = (id: string) => client.collections<Record<string, unknown>>(name).documents(id).retrieve();
      await documents.import([{ id: "1", title: "a", price: 1, tags: ["x"] }], { action: "create" });
      await documents.import([{ id: "1", price: 2 }], { action: "update" });
      expect(await read("1")).toEqual({ id: "1", title: "a", price: 2, tags: ["x"] });
      await documents.import(
        [
          { id: "1", price: 3 },
          { id: "2", title: "b", price: 4 },
        ],
        { action: "emplace" },
      );
      expect(await read("1")).toMatchObject({ title: "a", price: 3 });
      await documents.import([{ id: "1", title: "c", price: 5 }], { action: "upsert" });
      expect(await read("1")).toEqual({ id: "1", title: "c", price: 5 });
      const update = await documents.import(JSON.stringify({ id: "none", price: 1 }), { action: "update" });
      expect(JSON.parse(update)).toMatchObject({ success: false, code: 404 });
    });

    test("values are made to fit their field where they can, and refused where not", async () => {
      const name = await products();
      const documents = client.collections<Record<string, unknown>>(name).documents();
      const loose = { id: "1", title: 5, price: "12", rating: "4.5", sold: "true" };
      await expect(documents.create(loose)).rejects.toBeInstanceOf(Errors.RequestMalformed);
      const stored = await documents.create(loose, { dirty_values: "coerce_or_reject" });
      expect(stored).toEqual({ id: "1", title: "5", price: 12, rating: 4.5, sold: true });
      await expect(documents.create({ id: "2", title: "x", price: "abc" })).rejects.toThrow(
        "Field `price` must be an int32.",
      );
      await expect(documents.create({ id: "2", title: "x", price: 1, tags: "x" })).rejects.toThrow("must be an array");
      await expect(documents.upsert({ id: "2", title: "x", price: "12" }, { dirty_values: "reject" })).rejects.toThrow(
        "int32",
      );
      await expect(documents.create({ id: 7, title: "x", price: 1 })).rejects.toThrow("`id` field should be a string");
    });

    test("documents are deleted, changed and exported by filter", async () => {
      const name = await products();
      const documents = client.collections<Record<string, unknown>>(name).documents();
      await documents.import(Array.from({ length: 20 }, (_, at) => ({ id: `d${at}`, title: `t${at}`, price: at })));
      expect(await documents.update({ tags: ["cheap"] }, { filter_by: "price:<5" })).toMatchObject({ num_updated: 5 });
      const cheap = (await documents.export({ filter_by: "tags:=cheap", include_fields: "id" })).split("\n");
      expect(cheap.map((line) => JSON.parse(line).id).sort()).toEqual(["d0", "d1", "d2", "d3", "d4"]);
      expect(await documents.delete({ filter_by: "id:[`d0`,`d1`,`none`]" })).toMatchObject({ num_deleted: 2 });
      expect(await documents.delete({ filter_by: "price:>=10" })).toMatchObject({ num_deleted: 10 });
      expect((await client.collections(name).retrieve()).num_documents).toBe(8);
    });

    test("an id with odd characters is found again", async () => {
      const name = await products();
      const id = "a b/ü?#%";
      await client.collections<Record<string, unknown>>(name).documents().create({ id, title: "x", price: 1 });
      expect(await client.collections<Record<string, unknown>>(name).documents(id).retrieve()).toMatchObject({ id });
      await client.collections(name).documents(id).delete();
      await expect(client.collections(name).documents(id).retrieve()).rejects.toBeInstanceOf(Errors.ObjectNotFound);
    });

    test("a field may be added and dropped while documents are there", async () => {
      const name = await products();
      const documents = client.collections<Record<string, unknown>>(name).documents();
      await documents.create({ id: "1", title: "x", price: 1, brand: "Alder" });
      await expect(documents.search({ q: "alder", query_by: "brand" })).rejects.toBeInstanceOf(Errors.ObjectNotFound);
      await client.collections(name).update({ fields: [{ name: "brand", type: "string", optional: true }] });
      expect((await documents.search({ q: "alder", query_by: "brand" })).found).toBe(1);
      await client.collections(name).update({ fields: [{ name: "brand", drop: true }] });
      await expect(documents.search({ q: "alder", query_by: "brand" })).rejects.toBeInstanceOf(Errors.ObjectNotFound);
    });

    test("fields of type auto, by pattern and inside objects are learned from the documents", async () => {
      const name = target.name("auto");
      await client.collections().create({
        name,
        enable_nested_fields: true,
        fields: [
          { name: ".*_facet", type: "auto", facet: true },
          { name: "prices", type: "object" },
          { name: "variants", type: "object[]", optional: true },
        ],
      });
      const documents = client.collections<Record<string, unknown>>(name).documents();
      await documents.create({
        id: "1",
        color_facet: "red",
        prices: { USD: 100 },
        variants: [{ sku: "A1" }, { sku: "B2" }],
      });
      await documents.create({ id: "2", color_facet: "blue", prices: { USD: 300 } });
      const found = async (filter_by: string) =>
        (await documents.search({ q: "*", filter_by })).hits?.map((hit) => hit.document.id);
      expect(await found("prices.USD:>200")).toEqual(["2"]);
      expect(await found("color_facet:=red")).toEqual(["1"]);
      expect((await documents.search({ q: "b2", query_by: "variants.sku" })).found).toBe(1);
      const faceted = await documents.search({ q: "*", facet_by: "color_facet" });
      expect(faceted.facet_counts?.[0]?.counts.map((count) => count.value).sort()).toEqual(["blue", "red"]);
      await expect(documents.create({ id: "3", prices: 5 })).rejects.toThrow("must be an object");
    });

    test("without a key, or with a wrong one, nothing but health is answered", async () => {
      await expect(target.client("wrong").collections().retrieve()).rejects.toBeInstanceOf(Errors.RequestUnauthorized);
      expect(await target.client().health.retrieve()).toEqual({ ok: true });
      expect((await fetch(`${target.url}/health`)).status).toBe(200);
      expect((await fetch(`${target.url}/collections`)).status).toBe(401);
      expect(await client.debug.retrieve()).toHaveProperty("version");
      expect(await client.metrics.retrieve()).toHaveProperty("typesense_memory_active_bytes");
    });

    test("an unknown path and a body that is no JSON are refused in the vendor's shape", async () => {
      const headers = { "x-typesense-api-key": target.apiKey };
      expect((await fetch(`${target.url}/nosuch`, { headers })).status).toBe(404);
      const answer = await fetch(`${target.url}/collections`, { method: "POST", headers, body: "{bad" });
      expect(answer.status).toBe(400);
      expect(await answer.json()).toHaveProperty("message");
    });
  },
);

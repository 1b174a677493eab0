import { afterEach, expect, test } from "bun:test";
import { Errors } from "typesense";
import { connect } from "./conformance/targets.ts";
import { startTypesense } from "./index.ts";

let stop = async () => {};
afterEach(() => stop());

async function start(seed?: number) {
  const faults = seed === undefined ? undefined : { seed };
  const service = await startTypesense({ port: 0, dataDir: null, apiKey: "k", faults });
  stop = () => service.stop();
  const client = connect(service.url, "k");
  await client.collections().create({ name: "p", fields: [{ name: "title", type: "string" }] });
  return { service, documents: client.collections<{ id: string; title: string }>("p").documents(), client };
}

test("without a seed there are no knobs", async () => {
  expect((await start()).service.faults).toBeNull();
});

test("a search fails as told, then behaves again", async () => {
  const { service, documents } = await start(1);
  service.faults?.arm({ operation: "documents:search", action: { kind: "fail", status: 503 }, times: 1 });
  await expect(documents.search({ q: "*" })).rejects.toBeInstanceOf(Errors.ServerError);
  expect((await documents.search({ q: "*" })).found).toBe(0);
});

test("dropped before it happened, the import is not there; its answer lost after, it is", async () => {
  const { service, documents } = await start(1);
  service.faults?.arm({ operation: "documents:import", action: { kind: "drop" }, times: 1 });
  await expect(documents.import([{ id: "dropped", title: "x" }])).rejects.toThrow();
  service.faults?.arm({ operation: "documents:import", action: { kind: "loseAnswer" }, times: 1 });
  await expect(documents.import([{ id: "lost", title: "x" }])).rejects.toThrow();
  const found = await documents.search({ q: "*" });
  expect(found.hits?.map((hit) => hit.document.id)).toEqual(["lost"]);
});

test("what real Typesense can and this one cannot is refused by name", async () => {
  const { client, documents } = await start();
  for (const parameters of [
    { vector_query: "v:([1,2])" },
    { sort_by: "_eval(title:x):desc" },
    { infix: "always" as const },
    { filter_by: "$other(a:1)" },
  ]) {
    await expect(documents.search({ q: "x", query_by: "title", ...parameters })).rejects.toThrow("does not support");
  }
  for (const field of [
    { name: "place", type: "geopoint" as const },
    { name: "v", type: "float[]" as const, num_dim: 4 },
    { name: "t", type: "string" as const, stem: true },
  ]) {
    await expect(client.collections().create({ name: `bad_${field.name}`, fields: [field] })).rejects.toThrow(
      "does not support",
    );
  }
});

import { expect, test } from "bun:test";
import { startTypesense } from "../index.ts";

const LAMPS = 1_200;

test("a broad search that is asked again sees every change since: documents, synonyms, rules, stop words", async () => {
  const apiKey = "key";
  await using server = await startTypesense({ port: 0, dataDir: null, apiKey });
  const call = async (method: string, path: string, body?: unknown) => {
    const text = typeof body === "string" ? body : JSON.stringify(body);
    const answer = await fetch(server.url + path, {
      method,
      headers: { "x-typesense-api-key": apiKey },
      ...(body === undefined ? {} : { body: text }),
    });
    return answer.text();
  };
  const ask = async () => {
    const path = "/collections/c/documents/search?q=lamp&query_by=title&sort_by=n:asc&facet_by=kind&stopwords=own";
    const answer = JSON.parse(await call("GET", path));
    return [answer.found, answer.hits[0].document.id, answer.facet_counts[0].counts];
  };
  const askTwice = async () => {
    const first = await ask();
    expect(await ask()).toEqual(first);
    return first;
  };
  const fields = [
    { name: "title", type: "string" },
    { name: "kind", type: "string", facet: true },
    { name: "n", type: "int32" },
  ];
  await call("POST", "/collections", { name: "c", fields });
  await call("PUT", "/stopwords/own", { stopwords: ["nothing"] });
  const lamps = Array.from({ length: LAMPS }, (_, n) => ({ id: `${n}`, title: "lamp", kind: "light", n }));
  const chair = { id: "chair", title: "chair", kind: "seat", n: -1 };
  const lines = [...lamps, chair].map((one) => JSON.stringify(one)).join("\n");
  await call("POST", "/collections/c/documents/import", lines);
  const light = (count: number) => ({ count, highlighted: "light", value: "light" });
  const seat = { count: 1, highlighted: "seat", value: "seat" };
  expect(await askTwice()).toEqual([LAMPS, "0", [light(LAMPS)]]);
  await call("PATCH", "/collections/c/documents/1", { n: -5 });
  expect(await askTwice()).toEqual([LAMPS, "1", [light(LAMPS)]]);
  await call("DELETE", "/collections/c/documents/1");
  expect(await askTwice()).toEqual([LAMPS - 1, "0", [light(LAMPS - 1)]]);
  await call("PUT", "/collections/c/synonyms/same", { synonyms: ["lamp", "chair"] });
  expect(await askTwice()).toEqual([LAMPS, "chair", [light(LAMPS - 1), seat]]);
  await call("DELETE", "/collections/c/synonyms/same");
  expect(await askTwice()).toEqual([LAMPS - 1, "0", [light(LAMPS - 1)]]);
  const hidden = { rule: { query: "lamp", match: "exact" }, excludes: [{ id: "0" }] };
  await call("PUT", "/collections/c/overrides/rule", hidden);
  expect(await askTwice()).toEqual([LAMPS - 2, "2", [light(LAMPS - 2)]]);
  await call("PUT", "/stopwords/own", { stopwords: ["lamp"] });
  expect((await askTwice())[1]).toBe("chair");
});

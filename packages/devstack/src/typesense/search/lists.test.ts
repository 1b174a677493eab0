import { expect, test } from "bun:test";
import { startTypesense } from "../index.ts";

test("a list follows every change: a new document, another value, one that is gone, and all of them", async () => {
  const apiKey = "key";
  const server = await startTypesense({ port: 0, dataDir: null, apiKey });
  const call = async (method: string, path: string, body?: unknown) => {
    const init = {
      method,
      headers: { "x-typesense-api-key": apiKey },
      ...(body ? { body: JSON.stringify(body) } : {}),
    };
    const answer = await fetch(server.url + path, init);
    return answer.json() as Promise<{ found?: number; hits?: { document: { id: string } }[] }>;
  };
  const ids = async () => {
    const found = await call(
      "GET",
      "/collections/c/documents/search?q=*&query_by=kind&filter_by=kind:=a&sort_by=n:asc",
    );
    return [found.found, ...(found.hits ?? []).map(({ document }) => document.id)];
  };
  const fields = [
    { name: "kind", type: "string" },
    { name: "n", type: "int32" },
  ];
  await call("POST", "/collections", { name: "c", fields });
  for (const [id, n] of Object.entries({ one: 1, two: 2 })) {
    await call("POST", "/collections/c/documents", { id, kind: "a", n });
  }
  expect(await ids()).toEqual([2, "one", "two"]);
  await call("POST", "/collections/c/documents", { id: "zero", kind: "a", n: 0 });
  expect(await ids()).toEqual([3, "zero", "one", "two"]);
  await call("PATCH", "/collections/c/documents/zero", { n: 9 });
  expect(await ids()).toEqual([3, "one", "two", "zero"]);
  await call("PATCH", "/collections/c/documents/one", { kind: "b" });
  expect(await ids()).toEqual([2, "two", "zero"]);
  await call("DELETE", "/collections/c/documents/two");
  expect(await ids()).toEqual([1, "zero"]);
  await call("DELETE", "/collections/c/documents?filter_by=n:>0");
  expect(await ids()).toEqual([0]);
  await server.stop();
});

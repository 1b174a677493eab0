import { expect, test } from "bun:test";
import { Client } from "typesense";
import { startTypesense } from "./index.ts";

test("documents that are written over and over, and searched meanwhile, are found as they are now", async () => {
  const server = await startTypesense({ port: 0, dataDir: null, apiKey: "key" });
  try {
    const nodes = [{ host: "127.0.0.1", port: server.port, protocol: "http" }];
    const client = new Client({ nodes, apiKey: "key", numRetries: 0 });
    await client.collections().create({ name: "worn", fields: [{ name: "title", type: "string" }] });
    const batch = (round: number) =>
      Array.from({ length: 300 }, (_, n) => ({
        id: String(n),
        title: `round${round} thing${n} ${"xyz".repeat(n % 9)}`,
      }));
    for (let round = 0; round < 12; round += 1) {
      await Promise.all([
        client.collections("worn").documents().import(batch(round), { action: "upsert" }),
        client.collections("worn").documents().search({ q: "thing1", query_by: "title" }),
      ]);
    }
    const found = await client.collections("worn").documents().search({ q: "round11", query_by: "title" });
    expect(found.found).toBe(300);
    const gone = await client
      .collections("worn")
      .documents()
      .search({ q: "round3", query_by: "title", num_typos: 0, prefix: false });
    expect(gone.found).toBe(0);
  } finally {
    await server.stop();
  }
});

import { expect, test } from "bun:test";
import { Problem } from "@stoa/kernel";
import { router } from "../platform/rpc/index.ts";
import { auditLog } from "../platform/tables.ts";
import { createCatalogRouter } from "../services/catalog/index.ts";
import { testCatalog } from "../services/catalog/testing/catalog.ts";
import { noTargets, testDatabase } from "../testing/index.ts";
import { staffByHeader } from "../testing/staff-by-header.ts";
import { createFilesDoor } from "./files-door.ts";

/** A door before the real procedures; who calls is told by a header. */
async function filesDoor() {
  const [database, shop] = [await testDatabase(), await testCatalog()];
  const { db } = database;
  const { catalog, files, clock } = shop;
  const stock = new Map<string, number>();
  const procedures = createCatalogRouter({
    db,
    catalog,
    files,
    locale: "en-US",
    setStock: async (lines) => {
      for (const { sku, onHand } of lines) stock.set(sku, onHand);
      return [];
    },
    changed: () => undefined,
    findTargets: noTargets,
    searchMisses: { list: async () => [], forget: async () => undefined },
  });
  const door = createFilesDoor({
    router: router({ catalog: procedures }),
    clock,
    internalTokenSecret: "x".repeat(32),
    failed: () => undefined,
    findMachine: async () => null,
    adminOrigin: "http://localhost",
    isErased: async () => false,
    findStaff: staffByHeader,
  });
  return {
    db,
    catalog,
    stock,
    async ask(
      path: string,
      rights: string | null,
      body?: string | Uint8Array<ArrayBuffer>,
    ): Promise<Response | string> {
      const headers = rights === null ? {} : { "x-test-rights": rights };
      const method = body === undefined ? "GET" : "POST";
      try {
        return await door(new Request(`http://localhost/files/${path}`, { method, headers, ...(body && { body }) }));
      } catch (error) {
        return error instanceof Problem ? error.code : String(error);
      }
    },
    async [Symbol.asyncDispose]() {
      await shop[Symbol.asyncDispose]();
      await database[Symbol.asyncDispose]();
    },
  };
}

async function newsOf(answer: Response | string): Promise<Record<string, unknown>[]> {
  if (typeof answer === "string") throw new Error(answer);
  const lines = (await answer.text()).trim().split("\n");
  return lines.map((line) => JSON.parse(line));
}

const file = "product,sku,price,stock\nlamp,LAMP,12.50,4\nbad,BAD,cheap,\ndesk,DESK,99,\n";

test("staff bring a file in and hear of each bad row, how far it is, and the result; the audit says so", async () => {
  await using desk = await filesDoor();
  const news = await newsOf(await desk.ask("catalog.csv?defaultStock=7", "catalog:write", file));
  expect(news.filter(({ type }) => type === "error")).toMatchObject([{ line: 3, sku: "BAD" }]);
  expect(news.find(({ type }) => type === "progress")).toMatchObject({ fraction: 1, products: 2, errors: 1 });
  expect(news.at(-1)).toMatchObject({ type: "result", created: 2, failed: 1, stockLines: 2 });
  expect(Object.fromEntries(desk.stock)).toEqual({ LAMP: 4, DESK: 7 });
  const [row] = await desk.db.select().from(auditLog);
  expect(row).toMatchObject({ action: "catalog.imported", after: { created: 2, failed: 1 } });
});

test("a dry run tells the same and leaves nothing, also of a packed file", async () => {
  await using desk = await filesDoor();
  const packed = Bun.gzipSync(new TextEncoder().encode(file));
  const news = await newsOf(await desk.ask("catalog.csv.gz?dryRun=true", "catalog:write", packed));
  expect(news.at(-1)).toMatchObject({ type: "result", dryRun: true, created: 2, failed: 1 });
  expect(await desk.catalog.products.countDocuments()).toBe(0);
  expect(await desk.db.select().from(auditLog)).toEqual([]);
});

test("of a file that is all faults a thousand are told, and how many more there are", async () => {
  await using desk = await filesDoor();
  const news = await newsOf(await desk.ask("catalog.jsonl", "catalog:write", "{}\n".repeat(2_500)));
  expect(news.filter(({ type }) => type === "error")).toHaveLength(1_000);
  expect(news.at(-1)).toMatchObject({ type: "result", failed: 2_500, untold: 1_500 });
});

test("an archive that is none is refused; of one that is cut off, what could be read is kept, and the rest told", async () => {
  await using desk = await filesDoor();
  expect(await desk.ask("catalog.csv.gz", "catalog:write", file)).toBe("validation_failed");
  // Noise, which no archive makes smaller, so that the end of the file is far behind its rows.
  const noise = Buffer.from(crypto.getRandomValues(new Uint8Array(60_000))).toString("base64");
  const packed = Bun.gzipSync(new TextEncoder().encode(`${file}\nnoise,${noise}\n`));
  const news = await newsOf(await desk.ask("catalog.csv.gz", "catalog:write", packed.subarray(0, -2_000)));
  // Whether the desk has more rows, nobody knows.
  expect(news.filter(({ type }) => type === "error").at(-1)).toMatchObject({
    line: 4,
    message: expect.stringContaining("cut off; nothing behind it was read"),
  });
  expect(news.at(-1)).toMatchObject({ type: "result", created: 1, failed: 2 });
});

test("what staff take out comes back unchanged", async () => {
  await using desk = await filesDoor();
  await newsOf(await desk.ask("catalog.csv", "catalog:write", file));
  for (const format of ["csv", "jsonl"]) {
    const answer = await desk.ask(`catalog.${format}?statuses=published,draft`, "catalog:read");
    if (typeof answer === "string") throw new Error(answer);
    expect(answer.headers.get("content-disposition")).toBe(`attachment; filename="catalog.${format}"`);
    expect(answer.headers.get("cache-control")).toBe("private, no-store");
    const news = await newsOf(await desk.ask(`catalog.${format}`, "catalog:write", await answer.text()));
    expect(news.at(-1)).toMatchObject({ created: 0, updated: 0, unchanged: 2, failed: 0 });
  }
});

test("strangers, staff without the right and what makes no sense are refused", async () => {
  await using desk = await filesDoor();
  expect(await desk.ask("catalog.csv", null)).toBe("unauthenticated");
  expect(await desk.ask("catalog.csv", "orders:read")).toBe("forbidden");
  expect(await desk.ask("catalog.csv", "catalog:read", file)).toBe("forbidden");
  expect(await desk.ask("catalog.xml", "catalog:read")).toBe("not_found");
  expect(await desk.ask("catalog.csv.gz", "catalog:read")).toBe("not_found");
  expect(await desk.ask("catalog.csv?statuses=draft,lost", "catalog:read")).toBe("validation_failed");
  expect(await desk.ask("catalog.csv?password=1", "catalog:read")).toBe("validation_failed");
  expect(await desk.ask("catalog.csv", "catalog:write", new Uint8Array(20_000_001))).toBe("payload_too_large");
  expect(await desk.catalog.products.countDocuments()).toBe(0);
});

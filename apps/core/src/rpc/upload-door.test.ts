import { expect, test } from "bun:test";
import { Problem } from "@stoa/kernel";
import sharp from "sharp";
import { z } from "zod";
import { router } from "../platform/rpc/index.ts";
import { auditLog } from "../platform/tables.ts";
import { createCatalogRouter } from "../services/catalog/index.ts";
import { testCatalog } from "../services/catalog/testing/catalog.ts";
import { noTargets, testDatabase } from "../testing/index.ts";
import { staffByHeader } from "../testing/staff-by-header.ts";
import { createUploadDoor } from "./upload-door.ts";

const uploadedSchema = z.object({
  name: z.string(),
  url: z.string(),
  size: z.object({ width: z.int(), height: z.int() }),
});

/** A door before the real procedures; who calls is told by a header. */
async function uploadDoor() {
  const [database, shop] = [await testDatabase(), await testCatalog()];
  const { db } = database;
  const { catalog, files, clock } = shop;
  const searchMisses = { list: async () => [], forget: async () => undefined };
  const procedures = createCatalogRouter({
    db,
    catalog,
    files,
    locale: "en-US",
    setStock: async () => [],
    changed: () => undefined,
    searchMisses,
    findTargets: noTargets,
  });
  const door = createUploadDoor({
    router: router({ catalog: procedures }),
    clock,
    internalTokenSecret: "x".repeat(32),
    findMachine: async () => null,
    adminOrigin: "http://localhost",
    isErased: async () => false,
    findStaff: staffByHeader,
  });
  return {
    db,
    files,
    async send(body: FormData | string, rights: string | null = "catalog:write"): Promise<Response | string> {
      const headers = rights === null ? {} : { "x-test-rights": rights };
      try {
        return await door(new Request("http://localhost/uploads/images", { method: "POST", body, headers }));
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

function form(file: Blob | string): FormData {
  const data = new FormData();
  data.set("file", file);
  return data;
}

test("staff send a picture in a form and hear where it is shown; the audit says who sent it", async () => {
  await using desk = await uploadDoor();
  const picture = await sharp({ create: { width: 6, height: 4, channels: 3, background: "red" } })
    .png()
    .toBuffer();
  const answer = await desk.send(form(new Blob([picture])));
  if (typeof answer === "string") throw new Error(answer);
  expect([answer.status, answer.headers.get("cache-control")]).toEqual([201, "private, no-store"]);
  const { name, url, size } = uploadedSchema.parse(await answer.json());
  expect([url, size]).toEqual([`/media/${name}`, { width: 6, height: 4 }]);
  expect(await desk.files.has(name)).toBe(true);
  expect(await desk.db.select({ action: auditLog.action, entityId: auditLog.entityId }).from(auditLog)).toEqual([
    { action: "media.uploaded", entityId: name },
  ]);
});

test("strangers, staff without the right, what is no picture and what is too large are refused, and leave nothing", async () => {
  await using desk = await uploadDoor();
  const html = new Blob(["<html>"], { type: "image/png" });
  expect(await desk.send(form(html), null)).toBe("unauthenticated");
  expect(await desk.send(form(html), "catalog:read")).toBe("forbidden");
  expect(await desk.send(form(html))).toBe("validation_failed");
  expect(await desk.send(form("no file"))).toBe("validation_failed");
  expect(await desk.send("no form")).toBe("validation_failed");
  expect(await desk.send(form(new Blob([new Uint8Array(20_200_000)])))).toBe("payload_too_large");
  expect(await desk.db.$count(auditLog)).toBe(0);
});

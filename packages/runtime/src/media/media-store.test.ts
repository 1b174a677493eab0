import { expect, test } from "bun:test";
import { mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Unavailable } from "../resilience.ts";
import { parseBucketUrl } from "./media-bucket.ts";
import { mediaOrigin, type StoredFile } from "./media-source.ts";
import { type MediaStore, openMediaStore } from "./media-store.ts";
import { imageEnding, mediaTypeOf } from "./media-types.ts";
import { startS3StandIn } from "./testing/s3-stand-in.ts";

const keys = { accessKeyId: "shop", secretAccessKey: "the bucket's secret" };
const bytes = new TextEncoder().encode("not really a picture");
const textOf = async (file: StoredFile | null) => (file ? new Response(file.body).text() : null);

async function keepsFiles(store: MediaStore): Promise<void> {
  expect(await store.read("a/lamp.png")).toBeNull();
  await store.delete("a/lamp.png");
  expect(await store.has("a/lamp.png")).toBe(false);
  await store.write("a/lamp.png", bytes);
  await store.write("a/lamp.png", bytes);
  expect(await store.has("a/lamp.png")).toBe(true);
  const file = await store.read("a/lamp.png");
  expect([file?.size, await textOf(file)]).toEqual([bytes.length, "not really a picture"]);
  expect(file?.etag).toMatch(/^"[^"]+"$/);
  expect(await store.read("a/../a/lamp.png")).toBeNull();
  expect(await store.read("a/lamp.html")).toBeNull();
  expect(() => store.delete("../lamp.png")).toThrow(RangeError);
  await expect(store.write("../lamp.png", bytes)).rejects.toThrow(RangeError);
  await store.delete("a/lamp.png");
  expect(await store.read("a/lamp.png")).toBeNull();
}

test("a folder keeps files, and shows none outside of it, also not by a link", async () => {
  const root = await mkdtemp(join(tmpdir(), "stoa-media-"));
  const store = openMediaStore({ folder: join(root, "media") });
  await keepsFiles(store);
  await writeFile(join(root, "secret.png"), "secret");
  await symlink(join(root, "secret.png"), join(root, "media", "link.png"));
  expect(await store.read("link.png")).toBeNull();
  await rm(root, { recursive: true });
});

test("a bucket keeps files below its prefix, over signed requests, with their type", async () => {
  await using s3 = startS3StandIn(keys.secretAccessKey);
  const url = `s3://pictures/shop/one?endpoint=${s3.endpoint}&region=eu-central-1`;
  const store = openMediaStore({ url, ...keys, folder: "unused" });
  await keepsFiles(store);
  await store.write("b.webp", bytes);
  expect([...s3.objects].map(([key, { contentType }]) => [key, contentType])).toEqual([
    ["pictures/shop/one/b.webp", "image/webp"],
  ]);
  const stranger = openMediaStore({ url, accessKeyId: "shop", secretAccessKey: "a guess", folder: "unused" });
  await expect(stranger.read("b.webp")).rejects.toThrow("403");
  await expect(stranger.write("c.webp", bytes)).rejects.toThrow("403");
});

test("a bucket that is broken is told from a file that is not there", async () => {
  await using s3 = startS3StandIn(keys.secretAccessKey);
  const store = openMediaStore({ url: `s3://pictures?endpoint=${s3.endpoint}`, ...keys, folder: "unused" });
  s3.broken = 500;
  await expect(store.read("a.png")).rejects.toBeInstanceOf(Unavailable);
  await expect(store.write("a.png", bytes)).rejects.toBeInstanceOf(Unavailable);
});

test("a bucket that nobody answers for is away, whatever is asked of it", async () => {
  const store = openMediaStore({ url: "s3://pictures?endpoint=http://127.0.0.1:1", ...keys, folder: "unused" });
  const away = { name: "Unavailable", dependency: "media", reason: "refused" };
  await expect(store.read("a.png")).rejects.toMatchObject(away);
  await expect(store.write("a.png", bytes)).rejects.toMatchObject(away);
  await expect(store.delete("a.png")).rejects.toMatchObject(away);
});

test("another server's files are read below its URL, and no redirect is followed", async () => {
  await using server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch: (request) => {
      const { pathname } = new URL(request.url);
      if (pathname === "/files/a.png") return new Response("a");
      if (pathname === "/files/b.png") return Response.redirect("/files/a.png");
      return new Response(null, { status: 404 });
    },
  });
  const origin = mediaOrigin(`${server.url.origin}/files`);
  expect(await textOf(await origin.read("a.png"))).toBe("a");
  expect(await origin.read("none.png")).toBeNull();
  await expect(origin.read("b.png")).rejects.toThrow();
});

test("a bucket's URL is read whole, and anything else is refused", () => {
  expect(parseBucketUrl("s3://b/a/b/?endpoint=https://x.example&region=auto")).toEqual({
    bucket: "b",
    prefix: "a/b/",
    endpoint: "https://x.example",
    region: "auto",
  });
  expect(parseBucketUrl("s3://b")).toEqual({ bucket: "b", prefix: "" });
  for (const bad of ["https://b/a", "s3:///a", "b", ""]) expect(() => parseBucketUrl(bad)).toThrow(RangeError);
  expect(() => openMediaStore({ url: "s3://b", folder: "unused" })).toThrow(RangeError);
});

test("what a file is, its bytes say; whether it is served, its name does", () => {
  expect(imageEnding(new TextEncoder().encode("<svg xmlns="))).toBeNull();
  expect(imageEnding(new Uint8Array())).toBeNull();
  expect(imageEnding(Uint8Array.of(0xff, 0xd8, 0xff, 0xe0))).toBe("jpg");
  expect(mediaTypeOf("a/b.JPG")).toBe("image/jpeg");
  for (const bad of ["a.html", "a", "png", "../a.png", "a//b.png", "/a.png", "a.png/", ".a.png", "constructor"]) {
    expect([bad, mediaTypeOf(bad)]).toEqual([bad, null]);
  }
});

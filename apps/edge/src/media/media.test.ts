import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtemp, readdir, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createMetrics, type MediaSource, noMetrics, openMediaStore, silentLogger, Turns } from "@stoa/runtime";
import sharp from "sharp";
import { type EdgeUnderTest, edgeUnderTest } from "../testing/edge-under-test.ts";
import { cloudflareMedia } from "./cloudflare-media.ts";
import { ImageCache } from "./image-cache.ts";
import { ImageMaker } from "./image-maker.ts";

let edge: EdgeUnderTest;
let folder: string;
const metrics = createMetrics({ app: "edge" });
const options = { logger: silentLogger, metrics: noMetrics };
const turnsOf = (waitingMax: number) => new Turns({ name: "images", atOnceMax: 1, waitingMax });

/** Red above, blue below, 1,000 × 500 as it lies; the camera was held upright. */
async function photo(): Promise<Uint8Array> {
  const blue = { create: { width: 1_000, height: 250, channels: 3, background: "blue" } } as const;
  return sharp({ create: { width: 1_000, height: 500, channels: 3, background: "red" } })
    .composite([{ input: await sharp(blue).png().toBuffer(), top: 250, left: 0 }])
    .withExif({ IFD0: { Artist: "A person" }, IFD3: { GPSLatitude: "52/1 30/1 0/1" } })
    .withMetadata({ orientation: 6 })
    .jpeg()
    .toBuffer();
}

/** A PNG of 50.4 million pixels in a few kilobytes. */
const bomb = () =>
  sharp({ create: { width: 7_100, height: 7_100, channels: 3, background: "white" } })
    .png({ colors: 2 })
    .toBuffer();

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "stoa-media-"));
  const media = join(folder, "media");
  await Bun.write(join(media, "a", "lamp.svg"), "<svg onload='alert(1)'/>");
  await Bun.write(join(media, "page.html"), "<script>alert(1)</script>");
  await Bun.write(join(media, "photo.jpg"), await photo());
  await Bun.write(join(media, "broken.jpg"), "no picture at all");
  await Bun.write(join(folder, "secret.png"), "secret");
  await symlink(join(folder, "secret.png"), join(media, "link.png"));
  const source = openMediaStore({ folder: media });
  const cache = await ImageCache.open(join(folder, "cache"), 10_000_000);
  const maker = new ImageMaker({ ...options, metrics, source, cache, turns: turnsOf(10) });
  edge = await edgeUnderTest({
    deps: { metrics, media: { source, image: (path, wanted) => maker.image(path, wanted) } },
  });
});
afterAll(async () => {
  await edge[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

const pictureIn = async (answer: Response) => sharp(await answer.bytes()).metadata();

test("an uploaded file is served for ever, as what its name says, and as no page", async () => {
  const answer = await edge.ask("/media/a/lamp.svg");
  expect(answer.status).toBe(200);
  expect(answer.headers.get("content-type")).toBe("image/svg+xml");
  expect(answer.headers.get("cache-control")).toContain("immutable");
  expect(answer.headers.get("x-content-type-options")).toBe("nosniff");
  expect(answer.headers.get("content-security-policy")).toContain("sandbox");
  const again = await edge.ask("/media/a/lamp.svg", { headers: { "if-none-match": answer.headers.get("etag") ?? "" } });
  expect(again.status).toBe(304);
  expect((await edge.ask("/media/a/lamp.svg", { method: "HEAD" })).status).toBe(200);
});

test("404: what is no file of the shop's, by whatever path", async () => {
  for (const path of [
    "/media/",
    "/media/none.png",
    "/media/none.png?w=320",
    "/media/page.html",
    "/media/link.png",
    "/media/../secret.png",
    "/media/%2e%2e/secret.png",
    "/media/a/..%2f..%2fsecret.png",
    "/media/%2fetc/passwd",
    "/media/a",
  ]) {
    expect([path, (await edge.ask(path)).status]).toEqual([path, 404]);
  }
  await using without = await edgeUnderTest();
  expect((await without.ask("/media/a/lamp.svg")).status).toBe(404);
});

test("a photo is made smaller in the newest format the caller takes, upright and without what the camera knew", async () => {
  for (const [accept, format] of [
    ["image/avif,image/webp,*/*;q=0.8", "avif"],
    ["image/webp,*/*", "webp"],
    ["image/avif;q=0, image/webp;q=0.5", "webp"],
    ["*/*", "jpeg"],
  ] as const) {
    const answer = await edge.ask("/media/photo.jpg?w=320", { headers: { accept } });
    expect([answer.status, answer.headers.get("content-type"), answer.headers.get("vary")]).toEqual([
      200,
      `image/${format}`,
      expect.stringContaining("Accept"),
    ]);
    expect(answer.headers.get("cache-control")).toContain("immutable");
    const { width, height, exif, orientation } = await pictureIn(answer);
    expect([width, height, exif, orientation]).toEqual([320, 640, undefined, undefined]);
  }
  const upright = await sharp(await (await edge.ask("/media/photo.jpg?w=80&format=png")).bytes())
    .raw()
    .toBuffer();
  // Turned clockwise: what lay below is on the left.
  expect([...upright.subarray(0, 3)].map((channel) => channel > 128)).toEqual([false, false, true]);
});

test("a format that is named is taken whatever the caller accepts, and no picture is made larger", async () => {
  const answer = await edge.ask("/media/photo.jpg?w=1920&format=webp", { headers: { accept: "image/avif" } });
  expect(answer.headers.get("content-type")).toBe("image/webp");
  expect((answer.headers.get("vary") ?? "").split(", ")).not.toContain("Accept");
  const { width, height } = await pictureIn(answer);
  expect([width, height]).toEqual([500, 1_000]);
});

test("422: a size or a format that is not to be had", async () => {
  for (const query of ["w=321", "w=", "w=-80", "w=80.0", "w=1e2", "format=gif", "format=", "w=80&format=svg"]) {
    const answer = await edge.ask(`/media/photo.jpg?${query}`);
    expect([query, answer.status]).toEqual([query, 422]);
  }
});

test("a picture that is known is not sent again, and one that was made is made once", async () => {
  const first = await edge.ask("/media/photo.jpg?w=640&format=webp");
  const headers = { "if-none-match": first.headers.get("etag") ?? "" };
  expect((await edge.ask("/media/photo.jpg?w=640&format=webp", { headers })).status).toBe(304);
  await edge.ask("/media/photo.jpg?w=640&format=webp");
  const text = await metrics.metricsText();
  expect(text).toMatch(/image_making_duration_seconds_count\{[^}]*format="webp"[^}]*\} \d/);
  expect(text).toMatch(/images_total\{[^}]*outcome="kept"[^}]*\} [2-9]/);
});

test("what cannot be made smaller is sent as it was uploaded, and asked about again soon", async () => {
  for (const path of ["/media/broken.jpg?w=320", "/media/broken.jpg?format=avif"]) {
    const answer = await edge.ask(path);
    expect([answer.status, answer.headers.get("cache-control")]).toEqual([200, "public, max-age=60"]);
    expect([answer.headers.get("content-type"), await answer.text()]).toEqual(["image/jpeg", "no picture at all"]);
  }
  const drawing = await edge.ask("/media/a/lamp.svg?w=320");
  expect([drawing.status, drawing.headers.get("content-type")]).toEqual([200, "image/svg+xml"]);
});

test("a picture that unpacks to far more than its file is not unpacked", async () => {
  await using shop = await makerOf(await bomb());
  expect(await shop.maker.image("bomb.png", { width: 80, format: "webp", isNegotiated: false })).toBeNull();
});

test("callers of one picture share its making; a crowd of pictures is refused instead of let in", async () => {
  const gate = Promise.withResolvers<void>();
  let reads = 0;
  const bytes = await photo();
  const source: MediaSource = {
    async read() {
      reads += 1;
      await gate.promise;
      return { body: new Blob([bytes.slice()]), size: bytes.length, etag: '"1"' };
    },
  };
  await using shop = await makerOf(bytes, { source, turns: turnsOf(1) });
  const ask = (width: 80 | 160 | 320) => shop.maker.image("a.jpg", { width, format: "jpeg", isNegotiated: false });
  const shared = [ask(80), ask(80), ask(80)];
  const waits = ask(160);
  // Whether a picture is at hand is asked of the disk's index, which takes a turn.
  await Promise.resolve();
  expect(await ask(320)).toBeNull();
  gate.resolve();
  const made = await Promise.all([...shared, waits]);
  expect(made.map((file) => file?.contentType)).toEqual(Array(4).fill("image/jpeg"));
  expect(reads).toBe(2);
});

test("what is kept on disk stays within its bound, goes by last use, and outlives the process", async () => {
  const place = join(folder, "bounded");
  const cache = await ImageCache.open(place, 1_000);
  const hundred = (fill: number) => new Uint8Array(100).fill(fill);
  for (let index = 0; index < 10; index += 1) await cache.put(`p${index}.webp`, hundred(index));
  await cache.get("p0.webp");
  await cache.put("p10.webp", hundred(10));
  expect([cache.size, (await readdir(place)).length]).toEqual([1_000, 10]);
  expect([(await cache.get("p1.webp")) === null, (await cache.get("p0.webp")) === null]).toEqual([true, false]);
  await cache.put("huge.webp", new Uint8Array(101));
  expect(await cache.get("huge.webp")).toBeNull();
  await Bun.write(join(place, "p11.webp.x.part"), "cut off");
  const next = await ImageCache.open(place, 500);
  expect([next.size, (await readdir(place)).length]).toEqual([500, 5]);
  await rm(place, { recursive: true });
  expect(await next.get("p10.webp")).toBeNull();
});

test("a Worker asks Cloudflare for the size, and takes what it gets for what it is", async () => {
  const bytes = await photo();
  await using server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch: ({ url }) =>
      url.endsWith("photo.jpg")
        ? new Response(bytes.slice(), { headers: { "content-type": "image/jpeg" } })
        : new Response("none", { status: 404 }),
  });
  const media = cloudflareMedia(server.url.origin);
  await using worker = await edgeUnderTest({ deps: { media } });
  const answer = await worker.ask("/media/photo.jpg?w=320&format=webp");
  expect([answer.status, answer.headers.get("content-type")]).toEqual([200, "image/jpeg"]);
  expect((await worker.ask("/media/none.jpg?w=320")).status).toBe(404);
});

async function makerOf(bytes: Uint8Array, changes: { source?: MediaSource; turns?: Turns } = {}) {
  const place = await mkdtemp(join(tmpdir(), "stoa-images-"));
  const source: MediaSource = {
    read: async () => ({ body: new Blob([bytes.slice()]), size: bytes.length, etag: '"1"' }),
  };
  const cache = await ImageCache.open(place, 1_000_000);
  const maker = new ImageMaker({ source, ...options, turns: turnsOf(10), ...changes, cache });
  return { maker, [Symbol.asyncDispose]: () => rm(place, { recursive: true }) };
}

test("503: pictures whose place is away, with when to come back", async () => {
  const keys = { accessKeyId: "shop", secretAccessKey: "secret" };
  const source = openMediaStore({ url: "s3://pictures?endpoint=http://127.0.0.1:1", ...keys, folder: "unused" });
  const cache = await ImageCache.open(join(folder, "none"), 1_000);
  const maker = new ImageMaker({ ...options, source, cache, turns: turnsOf(10) });
  const media = { source, image: maker.image.bind(maker) };
  await using apart = await edgeUnderTest({ deps: { media } });
  for (const path of ["/media/photo.jpg", "/media/photo.jpg?w=320"]) {
    const answer = await apart.ask(path);
    expect(await answer.json()).toMatchObject({ status: 503, code: "service_unavailable" });
    expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(0);
  }
});

import { expect, test } from "bun:test";
import type { Instant } from "@stoa/kernel";
import type { MediaStore } from "@stoa/runtime";
import sharp from "sharp";
import { codeOf } from "../../../testing/index.ts";
import { createProduct } from "../create-product.ts";
import { publishProduct } from "../publish-product.ts";
import { someProduct, type TestCatalog, testCatalog } from "../testing/catalog.ts";
import { updateProduct } from "../update-product.ts";
import { discardWorkingDraft, saveWorkingDraft } from "../working-draft.ts";
import { cleanImage } from "./clean-image.ts";
import { listMedia } from "./list-media.ts";
import { keepMedia } from "./media-library.ts";
import { removeMedia, sweepMedia } from "./remove-media.ts";
import { uploadImage } from "./upload-image.ts";

const DAY_MS = 24 * 3_600_000;
const plain = (width: number, height: number, background = "red") =>
  sharp({ create: { width, height, channels: 3, background } });
const deps = ({ catalog, files, clock }: TestCatalog) => ({ catalog, files, now: clock.now() });
const upload = async (shop: TestCatalog, background: string) =>
  uploadImage(deps(shop), await cleanImage(await plain(40, 20, background).png().toBuffer()));

test("a photo is kept upright, without its place, its author or what hides behind it", async () => {
  const sent = await plain(60, 40)
    .withExif({ IFD0: { Artist: "A person" }, IFD3: { GPSLatitude: "52/1 30/1 0/1" } })
    .withMetadata({ orientation: 6 })
    .jpeg()
    .toBuffer();
  const clean = await cleanImage(Buffer.concat([sent, Buffer.from("PK\u0003\u0004 a second file")]));
  const { width, height, exif, orientation, format } = await sharp(clean.bytes).metadata();
  expect([width, height, exif, orientation, format]).toEqual([40, 60, undefined, undefined, "jpeg"]);
  expect([clean.width, clean.height, clean.ending]).toEqual([40, 60, "jpg"]);
  expect(Buffer.from(clean.bytes).includes("a second file")).toBe(false);
});

test("every kind of picture stays what it is; what is huge is made smaller; what moves keeps its frames", async () => {
  for (const [format, ending] of [
    ["png", "png"],
    ["webp", "webp"],
    ["avif", "avif"],
  ] as const) {
    expect((await cleanImage(await plain(30, 20).toFormat(format).toBuffer())).ending).toBe(ending);
  }
  const wide = await cleanImage(await plain(5_000, 10).png().toBuffer());
  expect([wide.width, wide.height]).toEqual([4_096, 8]);
  const frames = await Promise.all(["red", "blue"].map((color) => plain(8, 8, color).png().toBuffer()));
  const moving = await sharp(frames, { join: { animated: true } })
    .gif()
    .toBuffer();
  const { bytes, height } = await cleanImage(moving);
  expect([(await sharp(bytes, { animated: true }).metadata()).pages, height]).toEqual([2, 8]);
});

test("what is no picture, is broken, or unpacks to too much is refused", async () => {
  const whole = await plain(200, 200).jpeg().toBuffer();
  const bomb = await plain(7_100, 7_100).png({ colors: 2 }).toBuffer();
  for (const bad of [
    Buffer.from("<svg xmlns='http://www.w3.org/2000/svg'/>"),
    Buffer.from("<html>"),
    Buffer.from([]),
    Buffer.from("\u0089PNG\r\n\u001a\n and no more", "latin1"),
    whole.subarray(0, whole.length / 2),
    bomb,
  ]) {
    expect(await codeOf(cleanImage(bad))).toBe("validation_failed");
  }
});

test("the same picture twice is one file, listed once, newest first", async () => {
  await using shop = await testCatalog();
  const first = await upload(shop, "red");
  shop.clock.advance(1_000);
  const second = await upload(shop, "blue");
  shop.clock.advance(1_000);
  expect(await upload(shop, "red")).toEqual(first);
  expect([first.url, first.size]).toEqual([`/media/${first.name}`, { width: 40, height: 20 }]);
  const page = await listMedia(shop.catalog, { limit: 1 });
  expect([page.total, page.items[0]?.name]).toEqual([2, second.name]);
  const rest = await listMedia(shop.catalog, { limit: 1, cursor: page.nextCursor ?? "" });
  expect([rest.items[0]?.name, rest.nextCursor]).toEqual([first.name, null]);
  expect(await codeOf(listMedia(shop.catalog, { limit: 1, cursor: "bm9uZQ" }))).toBe("validation_failed");
});

test("a picture goes when no product shows it: by hand at once, by itself after a day", async () => {
  await using shop = await testCatalog();
  const [shown, onVariant, idle] = [await upload(shop, "red"), await upload(shop, "green"), await upload(shop, "blue")];
  const content = { media: [{ url: shown.url, alt: "a red shoe" }] };
  const input = someProduct({ content });
  const product = await createProduct(shop.context(), {
    ...input,
    variants: input.variants.map((variant) => ({ ...variant, image: { url: onVariant.url, alt: "" } })),
  });
  expect(await codeOf(removeMedia(deps(shop), shown.name))).toBe("state_conflict");
  expect(await codeOf(removeMedia(deps(shop), onVariant.name))).toBe("state_conflict");
  expect(await codeOf(removeMedia(deps(shop), "0".repeat(32)))).toBe("not_found");
  expect(await sweepMedia(deps(shop))).toBe(0);
  shop.clock.advance(DAY_MS);
  expect(await sweepMedia(deps(shop))).toBe(1);
  expect([await shop.files.has(idle.name), await shop.files.has(shown.name)]).toEqual([false, true]);
  const { revision: version, _id: id } = product;
  await updateProduct(shop.context(), { id, version, patch: { media: [] } });
  await removeMedia(deps(shop), shown.name);
  expect([await shop.files.has(shown.name), await shop.files.has(onVariant.name)]).toEqual([false, true]);
  expect(await shop.catalog.media.countDocuments()).toBe(1);
});

test("a picture that is taken up while the sweep is about to delete it is still there afterwards", async () => {
  await using shop = await testCatalog();
  const { name, url } = await upload(shop, "red");
  shop.clock.advance(2 * DAY_MS);
  const { bytes } = await cleanImage(await plain(40, 20, "red").png().toBuffer());
  for (const takeUp of [
    () => createProduct(shop.context(), someProduct({ content: { media: [{ url, alt: "" }] } })),
    () => keepMedia(deps(shop), { bytes, ending: "png", size: null }),
  ]) {
    await shop.catalog.products.deleteMany({});
    await shop.catalog.media.updateMany({}, { $set: { seenAt: 0 as Instant } });
    // Between the question whether it is used and the deletion.
    const files: MediaStore = {
      ...shop.files,
      async delete(path) {
        await takeUp();
        await shop.files.delete(path);
      },
    };
    await sweepMedia({ ...deps(shop), files });
    expect([await shop.files.has(name), await shop.catalog.media.countDocuments()]).toEqual([true, 1]);
  }
});

test("a picture that only a working draft names stays until the draft goes out or is thrown away", async () => {
  await using shop = await testCatalog();
  const [shown, onVariant] = [await upload(shop, "red"), await upload(shop, "green")];
  const { _id: id, variants } = await createProduct(shop.context(), someProduct({}));
  const { after } = await publishProduct(shop.context(), { id, version: 1 });
  const image = { url: onVariant.url, alt: "" };
  const patch = { media: [{ url: shown.url, alt: "" }], variants: variants.map((variant) => ({ ...variant, image })) };
  const draft = await saveWorkingDraft(shop.context(), { id, version: after.revision, patch });
  expect(await codeOf(removeMedia(deps(shop), shown.name))).toBe("state_conflict");
  expect(await codeOf(removeMedia(deps(shop), onVariant.name))).toBe("state_conflict");
  shop.clock.advance(2 * DAY_MS);
  expect(await sweepMedia(deps(shop))).toBe(0);
  expect([await shop.files.has(shown.name), await shop.files.has(onVariant.name)]).toEqual([true, true]);
  await discardWorkingDraft(shop.context(), { id, version: draft.after.revision });
  shop.clock.advance(2 * DAY_MS);
  expect(await sweepMedia(deps(shop))).toBe(2);
});

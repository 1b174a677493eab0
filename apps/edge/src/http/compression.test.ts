import { afterAll, beforeAll, expect, test } from "bun:test";
import { gunzipSync, gzipSync } from "node:zlib";
import { keys } from "@stoa/read-models";
import { type EdgeUnderTest, edgeUnderTest } from "../testing/edge-under-test.ts";
import { productView, summaryView } from "../testing/fixtures.ts";
import { acceptsGzip } from "./compression.ts";

let packs = 0;
let edge: EdgeUnderTest;
beforeAll(async () => {
  edge = await edgeUnderTest({
    deps: {
      gzip: (text) => {
        packs += 1;
        return new Uint8Array(gzipSync(text));
      },
    },
    settings: { storefrontOrigins: ["https://shop.example"] },
  });
  await edge.seedShop();
});
afterAll(() => edge[Symbol.asyncDispose]());

async function aProduct(description: string) {
  const product = { ...productView(summaryView()), description };
  await edge.seed(keys.product("USD", product.slug), product);
  return { path: `/v1/products/${product.slug}`, text: JSON.stringify(product) };
}
const gzipped = { headers: { "accept-encoding": "br;q=1, gzip" } };

test("a long answer goes packed to those who take it so, packed once, and caches are told", async () => {
  const { path, text } = await aProduct("Gives light. ".repeat(200));
  const answer = await edge.ask(path, gzipped);
  expect(answer.headers.get("content-encoding")).toBe("gzip");
  expect(answer.headers.get("vary")).toBe("Origin, Accept-Encoding");
  expect(answer.headers.get("etag")).toStartWith('W/"');
  expect(gunzipSync(await answer.arrayBuffer()).toString()).toBe(text);
  const before = packs;
  await edge.ask(path, gzipped);
  expect(packs).toBe(before);
  const plain = await edge.ask(path);
  expect(plain.headers.get("content-encoding")).toBeNull();
  expect(plain.headers.get("vary")).toBe("Origin, Accept-Encoding");
  expect(await plain.text()).toBe(text);
});

test("the ETag of either form is known again in both", async () => {
  const { path } = await aProduct("Gives light. ".repeat(200));
  const etags = [
    (await edge.ask(path)).headers.get("etag") ?? "",
    (await edge.ask(path, gzipped)).headers.get("etag") ?? "",
  ];
  for (const etag of etags) {
    const again = { "if-none-match": etag };
    expect((await edge.ask(path, { headers: again })).status).toBe(304);
    expect((await edge.ask(path, { headers: { ...again, ...gzipped.headers } })).status).toBe(304);
  }
});

test("a short answer stays as it is", async () => {
  const { path, text } = await aProduct("Short.");
  const answer = await edge.ask(path, gzipped);
  expect(answer.headers.get("content-encoding")).toBeNull();
  expect(await answer.text()).toBe(text);
});

test("gzip is taken when it is named or meant, and not when it is refused", () => {
  for (const takes of ["gzip", "GZIP;q=0.5, br", "*", "identity, gzip;q=1"]) expect(acceptsGzip(takes)).toBe(true);
  for (const refuses of [null, "", "br", "gzip;q=0", "*;q=0", "gzip;q=0, *"]) expect(acceptsGzip(refuses)).toBe(false);
});

import { afterAll, beforeAll, expect, test } from "bun:test";
import { keys, SITEMAP_CHUNK_MAX, type SitemapEntry } from "@stoa/read-models";
import { type EdgeUnderTest, edgeUnderTest } from "../testing/edge-under-test.ts";
import { chunksPerSitemap, sitemapUrls } from "./sitemap-xml.ts";

const chunks: SitemapEntry[][] = [
  [
    ["c", "light", 0, ["de"]],
    ["p", "lamp", 1_767_225_600, ["de"]],
  ],
  [["p", "desk & <chair>", 1_767_225_601, []]],
];

let edge: EdgeUnderTest;
beforeAll(async () => {
  edge = await edgeUnderTest();
  await edge.seedShop({
    locale: "en-US",
    locales: [{ code: "de", fallbacks: [] }],
    productUrl: "https://shop.example/{locale}/p/{slug}?a=1&b=2",
  });
  await seed(edge);
});
afterAll(() => edge[Symbol.asyncDispose]());

async function seed({ redis }: EdgeUnderTest): Promise<void> {
  await redis.set(keys.sitemap(), JSON.stringify({ chunks: ["one", "two"] }), "EX", 600);
  for (const [number, chunk] of chunks.entries()) {
    await redis.set(keys.sitemapChunk(number), JSON.stringify(chunk), "EX", 600);
  }
}

test("200: the index names the sitemaps, with an ETag for shared caches", async () => {
  const answer = await edge.ask("/sitemap.xml");
  expect([answer.status, answer.headers.get("content-type")]).toEqual([200, "application/xml; charset=utf-8"]);
  expect(answer.headers.get("cache-control")).toMatch(/^public, max-age=\d+/);
  expect(await answer.text()).toContain("<sitemap><loc>http://localhost/sitemap-1.xml</loc></sitemap>");
  const again = await edge.ask("/sitemap.xml", { headers: { "if-none-match": answer.headers.get("etag") ?? "" } });
  expect(again.status).toBe(304);
});

test("200: a sitemap holds each page in each of its languages, with the time of its last change", async () => {
  const answer = await edge.ask("/sitemap-1.xml");
  expect([answer.status, answer.headers.get("content-type")]).toEqual([200, "application/xml; charset=utf-8"]);
  const text = await answer.text();
  const urls = [...text.matchAll(/<url>.*?<\/url>/gs)].map(([url]) => url);
  expect(urls).toHaveLength(4);
  expect(urls[0]).toBe("<url><loc>http://localhost/categories/light</loc></url>");
  const link = (language: string, locale: string) =>
    `<xhtml:link rel="alternate" hreflang="${language}" href="https://shop.example/${locale}/p/lamp?a=1&amp;b=2"/>`;
  const links = [link("en-US", "en-US"), link("de", "de"), link("x-default", "en-US")].join("");
  const changed = "<lastmod>2026-01-01T00:00:00.000Z</lastmod>";
  expect(urls[2]).toBe(`<url><loc>https://shop.example/de/p/lamp?a=1&amp;b=2</loc>${changed}${links}</url>`);
  expect(urls[3]).toContain("/en-US/p/desk%20%26%20%3Cchair%3E?a=1&amp;b=2</loc>");
  expect([text.startsWith('<?xml version="1.0"'), text.trimEnd().endsWith("</urlset>")]).toEqual([true, true]);
  const headers = { "if-none-match": answer.headers.get("etag") ?? "" };
  expect((await edge.ask("/sitemap-1.xml", { headers })).status).toBe(304);
});

test("404: a sitemap that the index does not name", async () => {
  for (const path of ["/sitemap-2.xml", "/sitemap-0.xml", "/sitemap-1", "/sitemap-x.xml"]) {
    expect([path, (await edge.ask(path)).status]).toEqual([path, 404]);
  }
});

test("503: while nobody has written it", async () => {
  await using empty = await edgeUnderTest();
  await empty.seedShop();
  expect((await empty.ask("/sitemap.xml")).status).toBe(503);
});

test("no sitemap is larger than search engines take, whatever the languages", () => {
  const slug = "s".repeat(120);
  for (const languages of [1, 2, 5, 30]) {
    const further = Array.from({ length: languages - 1 }, (_, index) => `x${String.fromCharCode(97 + index)}-Abcd`);
    const template = `https://${"shop".repeat(115)}.example/{locale}/p/{slug}`;
    const pages = { product: template, category: template, locale: "en-US", languages };
    const entries = Array.from({ length: SITEMAP_CHUNK_MAX }, (): SitemapEntry => ["p", slug, 1, further]);
    const each = chunksPerSitemap(pages);
    const text = sitemapUrls(entries, pages);
    expect([languages, text.split("<url>").length - 1]).toEqual([languages, SITEMAP_CHUNK_MAX * languages]);
    expect(each * SITEMAP_CHUNK_MAX * languages).toBeLessThanOrEqual(50_000);
    expect(each * Buffer.byteLength(text)).toBeLessThanOrEqual(50_000_000);
  }
});

import { endpointById } from "@stoa/contract";
import { problem } from "@stoa/kernel";
import { keys, type ShopView, SITEMAP_CHUNK_MAX, sitemapEntrySchema, sitemapViewSchema } from "@stoa/read-models";
import { z } from "zod";
import type { EdgeDeps } from "../deps.ts";
import { cacheControl, publicAnswer } from "../http/answers.ts";
import { route } from "../http/call.ts";
import { etagOf, matchesEtag } from "../http/etag.ts";
import { readShop } from "./shop.ts";
import { chunksPerSitemap, sitemapIndex, sitemapUrls, URLSET_END, URLSET_START } from "./sitemap-xml.ts";

const XML = "application/xml; charset=utf-8";
const freshness = { maxAgeSeconds: 600, staleSeconds: 3_600 };
const entriesSchema = z.array(sitemapEntrySchema).max(SITEMAP_CHUNK_MAX);

export const getSitemapIndex = route(endpointById("sitemap.index"), async (deps, { request }) => {
  const { shop, pages } = await readSitemap(deps);
  const urls = pages.map((_, index) => `${deps.settings.publicUrl}/sitemap-${index + 1}.xml`);
  const body = sitemapIndex(urls);
  return publicAnswer(request, { body, etag: etagOf(body + shop.version), freshness, contentType: XML });
});

/** What was read is small; the XML that is made of it is sent as it is written. */
export const getSitemap = route(endpointById("sitemap.page"), async (deps, call) => {
  const { shop, pages } = await readSitemap(deps);
  const chunks = pages[Number.parseInt(call.params.page, 10) - 1];
  if (!chunks) throw problem("not_found");
  const etag = etagOf(JSON.stringify([shop.version, deps.settings.publicUrl, chunks.map(({ hash }) => hash)]));
  const headers = { etag, "cache-control": cacheControl(freshness), "content-type": XML };
  if (matchesEtag(call.request.headers.get("if-none-match"), etag)) return new Response(null, { status: 304, headers });
  const texts = await deps.store.mget(chunks.map(({ number }) => keys.sitemapChunk(number)));
  return new Response(streamed(texts, pagesOf(deps, shop)), { headers });
});

interface Chunk {
  readonly number: number;
  readonly hash: string;
}

/** The shop, and the chunks of each sitemap. @throws problem `service_unavailable` while nobody has written them. */
async function readSitemap(deps: EdgeDeps): Promise<{ readonly shop: ShopView; readonly pages: Chunk[][] }> {
  const [shop, text] = await Promise.all([readShop(deps), deps.store.get(keys.sitemap())]);
  if (text === null) throw problem("service_unavailable", { detail: "The sitemap is being made ready." });
  const chunks = sitemapViewSchema.parse(JSON.parse(text)).chunks.map((hash, number) => ({ number, hash }));
  const each = chunksPerSitemap(pagesOf(deps, shop));
  const pages = Array.from({ length: Math.ceil(chunks.length / each) }, (_, index) =>
    chunks.slice(index * each, (index + 1) * each),
  );
  return { shop, pages };
}

/** Where pages are; below the shop's own origin where nobody has said. */
function pagesOf(
  { settings: { publicUrl } }: Pick<EdgeDeps, "settings">,
  { productUrl, categoryUrl, locale, locales }: ShopView,
) {
  return {
    product: productUrl ?? `${publicUrl}/products/{slug}`,
    category: categoryUrl ?? `${publicUrl}/categories/{slug}`,
    locale,
    languages: 1 + locales.length,
  };
}

function streamed(texts: readonly (string | null)[], pages: ReturnType<typeof pagesOf>): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let next = -1;
  return new ReadableStream({
    pull(controller) {
      if (next === -1) controller.enqueue(encoder.encode(URLSET_START));
      else if (next < texts.length) {
        // A chunk that went just now held what is gone.
        const entries = entriesSchema.parse(JSON.parse(texts[next] ?? "[]"));
        controller.enqueue(encoder.encode(sitemapUrls(entries, pages)));
      } else {
        controller.enqueue(encoder.encode(URLSET_END));
        controller.close();
      }
      next += 1;
    },
  });
}

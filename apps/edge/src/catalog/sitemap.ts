import { endpointById } from "@stoa/contract";
import { DEFAULT_CHANNEL, problem } from "@stoa/kernel";
import {
  keys,
  type ShopView,
  SITEMAP_CHUNK_MAX,
  type SitemapEntry,
  sitemapEntrySchema,
  sitemapViewSchema,
} from "@stoa/read-models";
import { z } from "zod";
import type { EdgeDeps } from "../deps.ts";
import { cacheControl, publicAnswer } from "../http/answers.ts";
import { PUBLISHABLE_KEY_HEADER } from "../http/api-keys.ts";
import { route } from "../http/call.ts";
import { etagOf, matchesEtag } from "../http/etag.ts";
import { type Channel, channelOf } from "./channel.ts";
import { readShop } from "./shop.ts";
import { chunksPerSitemap, type Pages, sitemapIndex, sitemapUrls, URLSET_END, URLSET_START } from "./sitemap-xml.ts";

const XML = "application/xml; charset=utf-8";
const freshness = { maxAgeSeconds: 600, staleSeconds: 3_600 };
const entriesSchema = z.array(sitemapEntrySchema).max(SITEMAP_CHUNK_MAX);

export const getSitemapIndex = route(endpointById("sitemap.index"), async (deps, { request, channel }) => {
  const { shop, where, sitemaps } = await readSitemap(deps, channel);
  const urls = sitemaps.map((_, index) => `${deps.settings.publicUrl}/sitemap-${index + 1}.xml`);
  const body = sitemapIndex(urls);
  const etag = etagOf(where.code + body + shop.version);
  return publicAnswer(request, { body, etag, freshness, contentType: XML, variesByKey: shop.channels.length > 0 });
});

/** What was read is small; the XML that is made of it is sent as it is written. */
export const getSitemap = route(endpointById("sitemap.page"), async (deps, call) => {
  const { shop, where, pages, sitemaps } = await readSitemap(deps, call.channel);
  const chunks = sitemaps[Number.parseInt(call.params.page, 10) - 1];
  if (!chunks) throw problem("not_found");
  const hashes = chunks.map(({ hash }) => hash);
  const etag = etagOf(JSON.stringify([where.code, shop.version, deps.settings.publicUrl, hashes]));
  const vary = shop.channels.length > 0 && { vary: PUBLISHABLE_KEY_HEADER };
  const headers = { etag, "cache-control": cacheControl(freshness), "content-type": XML, ...vary };
  if (matchesEtag(call.request.headers.get("if-none-match"), etag)) return new Response(null, { status: 304, headers });
  const texts = await deps.store.mget(chunks.map(({ number }) => keys.sitemapChunk(number)));
  const urlsOf = (entries: readonly SitemapEntry[]) => sitemapUrls(entriesIn(entries, shop, where), pages);
  return new Response(streamed(texts, urlsOf), { headers });
});

interface Chunk {
  readonly number: number;
  readonly hash: string;
}

interface Sitemap {
  readonly shop: ShopView;
  readonly where: Channel;
  readonly pages: Pages;
  /** The chunks of each sitemap. */
  readonly sitemaps: readonly (readonly Chunk[])[];
}

/** @throws problem `service_unavailable` while nobody has written it, `unauthenticated` for a channel that is closed. */
async function readSitemap(deps: EdgeDeps, channel: string): Promise<Sitemap> {
  const [shop, text] = await Promise.all([readShop(deps), deps.store.get(keys.sitemap())]);
  const where = channelOf(shop, channel);
  const pages = pagesOf(deps, shop, where);
  if (text === null) throw problem("service_unavailable", { detail: "The sitemap is being made ready." });
  const chunks = sitemapViewSchema.parse(JSON.parse(text)).chunks.map((hash, number) => ({ number, hash }));
  const each = chunksPerSitemap(pages);
  const sitemaps = Array.from({ length: Math.ceil(chunks.length / each) }, (_, index) =>
    chunks.slice(index * each, (index + 1) * each),
  );
  return { shop, where, pages, sitemaps };
}

/** Where pages are: the channel's, else the shop's; below the shop's own origin where nobody has said. */
function pagesOf({ settings: { publicUrl } }: Pick<EdgeDeps, "settings">, shop: ShopView, channel: Channel): Pages {
  return {
    product: channel.productUrl ?? shop.productUrl ?? `${publicUrl}/products/{slug}`,
    category: channel.categoryUrl ?? shop.categoryUrl ?? `${publicUrl}/categories/{slug}`,
    locale: channel.locale,
    languages: 1 + channel.locales.length,
  };
}

/** What of the shop's pages a channel has, and in which of its languages. */
function entriesIn(
  entries: readonly SitemapEntry[],
  shop: ShopView,
  { code, locales }: Channel,
): readonly SitemapEntry[] {
  const further = new Set(locales.map((one) => one.code));
  return entries.flatMap(([kind, slug, changedAt, languages, ...channels]): SitemapEntry[] => {
    const isShown = channels.length === 0 ? kind === "c" || code === DEFAULT_CHANNEL : channels.includes(code);
    const told = [shop.locale, ...languages].filter((language) => further.has(language));
    return isShown ? [[kind, slug, changedAt, told]] : [];
  });
}

function streamed(
  texts: readonly (string | null)[],
  urlsOf: (entries: readonly SitemapEntry[]) => string,
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let next = -1;
  return new ReadableStream({
    pull(controller) {
      if (next === -1) controller.enqueue(encoder.encode(URLSET_START));
      else if (next < texts.length) {
        // A chunk that went just now held what is gone.
        const entries = entriesSchema.parse(JSON.parse(texts[next] ?? "[]"));
        controller.enqueue(encoder.encode(urlsOf(entries)));
      } else {
        controller.enqueue(encoder.encode(URLSET_END));
        controller.close();
      }
      next += 1;
    },
  });
}

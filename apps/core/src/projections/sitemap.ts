import { DEFAULT_CHANNEL, type ProductId, type Texts, textNear } from "@stoa/kernel";
import { keys, SITEMAP_CHUNK_MAX, type SitemapEntry, type SitemapView, sitemapViewSchema } from "@stoa/read-models";
import { type CategoryDocument, channelsShowing, type ProductPage } from "../services/catalog/index.ts";
import type { ProjectorDeps } from "./product-projector.ts";
import { readEach } from "./sound.ts";

const PAGE = 1_000;

/**
 * Writes which pages the shop has, chunk by chunk; what is there already stays untouched. Readers that come in between see some chunks
 * of before and some of now. One process at a time.
 */
export async function writeSitemap(deps: ProjectorDeps): Promise<void> {
  const { store } = deps;
  const [old] = await store.texts([keys.sitemap()]);
  const chunks: string[] = [];
  for await (const entries of chunksOf(deps)) {
    const text = JSON.stringify(entries);
    await store.setTexts([{ key: keys.sitemapChunk(chunks.length), text }]);
    chunks.push(Bun.hash.xxHash64(text).toString(36));
  }
  await store.setTexts([{ key: keys.sitemap(), text: JSON.stringify({ chunks } satisfies SitemapView) }]);
  const before = old == null ? 0 : (sitemapViewSchema.safeParse(JSON.parse(old)).data?.chunks.length ?? 0);
  const left = Array.from({ length: Math.max(0, before - chunks.length) }, (_, index) => chunks.length + index);
  await store.remove(left.map(keys.sitemapChunk));
}

/** Categories first, then products in the order of their ids: a new product changes the last chunk only. */
async function* chunksOf(deps: ProjectorDeps): AsyncIterable<SitemapEntry[]> {
  const { view } = await deps.shop();
  const languages = view.locales.map(({ code }) => code).filter((code) => code !== view.locale);
  let chunk: SitemapEntry[] = [];
  const pages = pagesOf(deps, (texts) => languages.filter((code) => textNear(texts, code) !== null));
  for await (const entry of pages) {
    chunk.push(entry);
    if (chunk.length < SITEMAP_CHUNK_MAX) continue;
    yield chunk;
    chunk = [];
  }
  if (chunk.length > 0) yield chunk;
}

async function* pagesOf(deps: ProjectorDeps, languagesOf: (texts: Texts) => string[]): AsyncIterable<SitemapEntry> {
  const { source } = deps;
  const now = deps.clock.now();
  const entryOf = (product: ProductPage): SitemapEntry[] => {
    const channels = channelsShowing(product, now);
    if (channels.length === 0 || product.seo?.robots === "noindex") return [];
    const named = channels.some((code) => code !== DEFAULT_CHANNEL) ? channels : [];
    return [["p", product.slug, Math.floor(product.updatedAt / 1_000), languagesOf(product.title), ...named]];
  };
  const categories = (await source.categories()).filter((category) => category.goneAt === undefined);
  for (const category of categories.toSorted(byId)) yield ["c", category.slug, 0, languagesOf(category.name)];
  let after: ProductId | null = null;
  for (;;) {
    const found = await source.pagesAfter(after, PAGE);
    yield* readEach(deps, found, entryOf).flat();
    const last = found.at(-1);
    if (!last || found.length < PAGE) return;
    after = last._id;
  }
}

function byId(left: Pick<CategoryDocument, "_id">, right: Pick<CategoryDocument, "_id">): number {
  return left._id < right._id ? -1 : 1;
}

import type { Stream } from "../explorer/random.ts";

/** One answer to a read of the catalog, and whether it says how old it is. */
export interface Seen {
  readonly path: string;
  readonly status: number;
  readonly code: string | undefined;
  readonly retryAfter: string | null;
  readonly age: string | null;
  readonly lastModified: string | null;
}

/** No read of ours may hang for longer, whatever is away. */
const HANGS_MS = 10_000;

/** Every kind of read that the catalog has, of products drawn from the stream. */
export function drawReads(stream: Stream, slugs: readonly string[]): string[] {
  const slug = slugs[stream.between(0, slugs.length - 1)];
  const skus = Array.from({ length: 3 }, () => `sku=LOAD-${stream.between(0, slugs.length - 1)}`);
  return [
    "/v1/categories",
    `/v1/products?limit=${stream.between(1, 20)}`,
    `/v1/products?brand=${stream.pick(["Ferrow", "Almby", "Tidewell"])}&sort=${stream.pick(["newest", "price", "-price"])}`,
    `/v1/products/${slug}`,
    `/v1/products/${slug}/recommendations`,
    `/v1/search?q=${stream.pick(["lamp", "table", "green", "paper"])}`,
    `/v1/search/suggest?q=${stream.pick(["lo", "load", "load product"]).replace(" ", "+")}`,
    `/v1/stock?${skus.join("&")}`,
  ];
}

export async function read(edgeUrl: string, path: string): Promise<Seen> {
  const answer = await fetch(edgeUrl + path, { signal: AbortSignal.timeout(HANGS_MS) });
  const body = (await answer.json()) as { readonly code?: string };
  const { headers, status } = answer;
  return {
    path,
    status,
    code: body.code,
    retryAfter: headers.get("retry-after"),
    age: headers.get("age"),
    lastModified: headers.get("last-modified"),
  };
}

/** Slugs of everything the shop sells. */
export async function slugsOf(edgeUrl: string): Promise<string[]> {
  const answer = await fetch(`${edgeUrl}/v1/products?limit=100`);
  const { items } = (await answer.json()) as { readonly items: readonly { readonly slug: string }[] };
  return items.map((item) => item.slug);
}

import { tmpdir } from "node:os";
import { join } from "node:path";
import { line, measure } from "./side-by-side.ts";

export interface BrowseOptions {
  readonly edgeUrl: string;
  readonly seconds: number;
  readonly inFlight: number;
}

/**
 * Catalog reads of a running shop, each beside a bare Bun.serve in a process of its own that answers the very same bytes.
 * Ratios are what counts: the load comes from the same machine.
 */
export async function browse(options: BrowseOptions): Promise<void> {
  const { edgeUrl } = options;
  const list = (await (await get(`${edgeUrl}/v1/products?limit=50`)).json()) as { items: { slug: string }[] };
  const slugs = list.items.map((item) => item.slug);
  if (slugs.length === 0) throw new Error("the shop has no products");
  const pages: Readonly<Record<string, (n: number) => string>> = {
    "one product page": () => `${edgeUrl}/v1/products/${slugs[0]}`,
    "product pages": (n) => `${edgeUrl}/v1/products/${slugs[n % slugs.length]}`,
    "category tree": () => `${edgeUrl}/v1/categories`,
    "product list": () => `${edgeUrl}/v1/products?limit=20`,
    stock: (n) => `${edgeUrl}/v1/stock?sku=LOAD-${n % 50}&sku=LOAD-${(n + 1) % 50}`,
    search: (n) => `${edgeUrl}/v1/search?q=${["lamp", "table", "green", "paper"][n % 4]}&limit=20`,
  };
  for (const [name, urlOf] of Object.entries(pages)) {
    const bytes = await (await get(urlOf(0))).arrayBuffer();
    await using bare = await startBare(bytes);
    const read = (url: (n: number) => string) => async (n: number) => {
      await (await get(url(n))).arrayBuffer();
    };
    const yardstick = await measure(
      read(() => bare.url),
      options,
    );
    const ours = await measure(read(urlOf), options);
    console.log(line(`bare answer of ${bytes.byteLength} bytes`, yardstick));
    console.log(line(name, ours, yardstick));
  }
}

async function get(url: string): Promise<Response> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${await response.text()}`);
  return response;
}

async function startBare(bytes: ArrayBuffer): Promise<{ readonly url: string } & AsyncDisposable> {
  const file = join(tmpdir(), `bare-${process.pid}`);
  await Bun.write(file, bytes);
  const ready = Promise.withResolvers<string>();
  const child = Bun.spawn([process.execPath, join(import.meta.dir, "bare-server.ts"), file], {
    stdio: ["ignore", "inherit", "inherit"],
    ipc: (url) => ready.resolve(String(url)),
  });
  const url = await ready.promise;
  return {
    url,
    async [Symbol.asyncDispose]() {
      child.kill();
      await child.exited;
    },
  };
}

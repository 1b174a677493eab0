import { readFileSync } from "node:fs";
import { type AppProcess, type Stack, startAppProcess } from "@stoa/devstack";
import { cpuByName, cpuOfProcess } from "./cpu.ts";
import { measure } from "./side-by-side.ts";

export interface GrowthOptions {
  readonly stack: Stack;
  /** Brings the shop to so many products. */
  readonly fill: (products: number) => Promise<void>;
  readonly products: number;
  readonly seconds: number;
}

export const FEW = 1_000;
const IN_FLIGHT = 4;
const SETTLE_MS = 1_800_000;
const REST_MS = 2_000;
const REST_SHARE = 0.15;
const WORDS = ["lamp", "table", "green", "paper"];

type Read = (n: number, products: number) => string;

const reads: Readonly<Record<string, Read>> = {
  "product page": (n, products) => `/v1/products/${slugOf(drawn(n, products))}`,
  "category tree": () => "/v1/categories",
  "product list": () => "/v1/products?limit=20",
  "list of a category": (n) => `/v1/products?category=shelf-${n % 12}&sort=price&limit=20`,
  stock: (n, products) => `/v1/stock?sku=LOAD-${drawn(n, products)}&sku=LOAD-${drawn(n + 1, products)}`,
  "search for one product": (n, products) => `/v1/search?q=LOAD-${drawn(n, products)}&limit=20`,
  "search that finds a quarter": (n) => `/v1/search?q=${WORDS[n % WORDS.length]}&limit=20`,
};

/** What one read costs: the time of half of them, and CPU of edge and of what stands behind it, in milliseconds. */
interface Cost {
  readonly p50: number;
  readonly edgeMs: number;
  readonly behindMs: number;
  /** Answers that were none. */
  readonly refused: number;
}

/**
 * The same reads of a shop with few products and with many, by an edge that holds no answer, so that each is made anew. Beside it the
 * memory of an edge that holds what it may after it was asked for more than that.
 */
export async function growth({ stack, fill, products, seconds }: GrowthOptions): Promise<void> {
  await using edge = await startAppProcess({
    name: "edge",
    env: { ...stack.env, CACHE_BYTES: "0" },
    until: "/healthz",
  });
  const measured: Record<string, Cost>[] = [];
  for (const count of [FEW, products]) {
    await fill(count);
    await settled(edge, count);
    await atRest();
    const costs: Record<string, Cost> = {};
    for (const [name, read] of Object.entries(reads)) costs[name] = await costOf(edge, (n) => read(n, count), seconds);
    measured.push(costs);
  }
  const [few = {}, many = {}] = measured;
  console.log(
    `an answer made anew, ${FEW} and ${products} products (half within ms; CPU of edge, and behind it, in ms)`,
  );
  for (const name of Object.keys(reads)) {
    const [a, b] = [few[name], many[name]];
    if (a && b) console.log(`  ${name.padEnd(28)} ${shown(a)}   ${shown(b)}   × ${(b.p50 / a.p50).toFixed(2)}`);
  }
  await fullMemory(stack, products);
}

async function costOf(edge: AppProcess, read: (n: number) => string, seconds: number): Promise<Cost> {
  let refused = 0;
  const ask = async (n: number) => {
    const answer = await fetch(edge.url + read(n));
    await answer.arrayBuffer();
    if (!answer.ok) refused += 1;
  };
  await measure(ask, { inFlight: IN_FLIGHT, seconds: 1 });
  const before = { edge: cpuOfProcess(edge.pid), all: behindIt(edge) };
  const { calls, p50 } = await measure(ask, { inFlight: IN_FLIGHT, seconds });
  const [edgeMs, allMs] = [cpuOfProcess(edge.pid) - before.edge, behindIt(edge) - before.all];
  return { p50, edgeMs: edgeMs / calls, behindMs: allMs / calls, refused };
}

/** CPU so far of what stands behind an edge of our own. The stack's own one answers nobody meanwhile. */
function behindIt(edge: AppProcess): number {
  const { load: _, core: __, edge: ___, ...others } = cpuByName();
  return sumOf(others) - cpuOfProcess(edge.pid);
}

function shown({ p50, edgeMs, behindMs, refused }: Cost): string {
  const figures = [p50, edgeMs, behindMs].map((figure) => figure.toFixed(2).padStart(7)).join(" ");
  return refused > 0 ? `${figures} (${refused} refused)` : figures;
}

/** Every product once, then again: what does not fit has to go. */
async function fullMemory(stack: Stack, products: number): Promise<void> {
  const before = rssOf(stack);
  const ask = async (n: number) => {
    await (await fetch(`${stack.urls.edge}/v1/products/${slugOf(n % products)}`)).arrayBuffer();
  };
  await measure(ask, { inFlight: 16, seconds: 600, calls: 2 * products });
  console.log(`edge's memory: ${before} MB, and ${rssOf(stack)} MB after all ${products} pages were asked for twice`);
}

/** Until nothing of the shop works any more: behind an import come recommendations, the sitemap and counts. */
export async function atRest(): Promise<void> {
  const deadline = performance.now() + SETTLE_MS;
  for (let before = spentInAll(); performance.now() < deadline; ) {
    await Bun.sleep(REST_MS);
    const after = spentInAll();
    if (after - before < REST_MS * REST_SHARE) return;
    before = after;
  }
  throw new Error("the shop does not come to rest");
}

function spentInAll(): number {
  return sumOf(cpuByName());
}

function sumOf(cpuMs: Readonly<Record<string, number>>): number {
  return Object.values(cpuMs).reduce((sum, one) => sum + one, 0);
}

function rssOf(stack: Stack): string {
  const status = readFileSync(`/proc/${stack.app("edge").pid}/status`, "utf8");
  return (Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1_024).toFixed(0);
}

/** Until the list and the search know all products. */
export async function settled(edge: Pick<AppProcess, "url">, products: number): Promise<void> {
  const deadline = performance.now() + SETTLE_MS;
  while (performance.now() < deadline) {
    const answer = await fetch(`${edge.url}/v1/products?limit=1`);
    const { total } = (await answer.json()) as { readonly total?: number };
    if (total === products) return;
    await Bun.sleep(200);
  }
  throw new Error(`the shop does not come to ${products} products`);
}

/** Spread over the whole catalog, the same each time. */
function drawn(n: number, products: number): number {
  return (n * 7_919) % products;
}

export function slugOf(n: number): string {
  return `load-product-${n}-${WORDS[n % WORDS.length]}`;
}

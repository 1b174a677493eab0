import { startBare } from "./bare.ts";
import { cpuByName, cpuOfProcess } from "./cpu.ts";
import { line, type Measured, measure } from "./side-by-side.ts";

/** An odd number, so that there is one in the middle. */
const ROUNDS = 5;

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
    const [yardstick, ours] = await inTurns(
      { urlOf: () => bare.url, cpuMs: () => cpuOfProcess(bare.pid) },
      { urlOf, cpuMs: () => cpuByName().edge ?? 0 },
      options,
    );
    console.log(costLine(`bare answer of ${bytes.byteLength} bytes`, yardstick));
    console.log(costLine(name, ours, yardstick));
  }
}

interface Server {
  readonly urlOf: (n: number) => string;
  /** CPU it has had so far. */
  readonly cpuMs: () => number;
}

interface Costing extends Measured {
  /** CPU of the server for one answer, in microseconds. */
  readonly cpuUs: number;
}

/** One and the other measured in short turns, so that whatever else the machine does falls on both. The first turn is to warm up. */
async function inTurns(bare: Server, ours: Server, options: BrowseOptions): Promise<[Costing, Costing]> {
  const rounds: [Costing, Costing][] = [];
  for (let round = 0; round <= ROUNDS; round += 1) {
    rounds.push([await turn(bare, options), await turn(ours, options)]);
  }
  const kept = rounds.slice(1);
  return [middle(kept.map(([one]) => one)), middle(kept.map(([, other]) => other))];
}

async function turn({ urlOf, cpuMs }: Server, { inFlight, seconds }: BrowseOptions): Promise<Costing> {
  const before = cpuMs();
  const read = async (n: number) => {
    await (await get(urlOf(n))).arrayBuffer();
  };
  const measured = await measure(read, { inFlight, seconds: seconds / ROUNDS });
  return { ...measured, cpuUs: (1_000 * (cpuMs() - before)) / measured.calls };
}

/** The middle of several turns, each figure for itself. */
function middle(turns: readonly Costing[]): Costing {
  const of = (figure: keyof Costing) =>
    turns.map((one) => one[figure]).toSorted((a, b) => a - b)[turns.length >> 1] ?? 0;
  return { calls: of("calls"), perSecond: of("perSecond"), p50: of("p50"), p99: of("p99"), cpuUs: of("cpuUs") };
}

function costLine(name: string, measured: Costing, yardstick?: Costing): string {
  const times = yardstick ? ` (${(measured.cpuUs / yardstick.cpuUs).toFixed(2)} times)` : "";
  return `${line(name, measured, yardstick)}  ${measured.cpuUs.toFixed(1)} µs of CPU${times}`;
}

/** Both servers shall send the same bytes: a packed answer costs the client more than it spares either server. */
const asIs = { headers: { "accept-encoding": "identity" } };

async function get(url: string): Promise<Response> {
  const response = await fetch(url, asIs);
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${await response.text()}`);
  return response;
}

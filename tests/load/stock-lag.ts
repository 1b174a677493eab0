import postgres from "postgres";

/** `/v1/stock` takes so many SKUs at once. */
const SKUS_MAX = 100;
/** How often edge is asked; a lag is known no finer than this. */
const LOOK_EVERY_MS = 5;
/** How long edge is watched after the last order. */
const AFTER_MS = 1_000;

export interface StockLagOptions {
  readonly edgeUrl: string;
  readonly databaseUrl: string;
  readonly skus: readonly string[];
}

interface Seen {
  readonly at: number;
  readonly available: number;
}

/**
 * How long after a commit edge tells the stock it left, in milliseconds, sorted. Postgres says when each reservation was committed
 * and how many units it left (`track_commit_timestamp`); edge is asked all the while that `shop` runs.
 */
export async function stockLags(options: StockLagOptions, shop: () => Promise<unknown>): Promise<number[]> {
  const { edgeUrl, databaseUrl } = options;
  const skus = options.skus.slice(0, SKUS_MAX);
  const url = `${edgeUrl}/v1/stock?${skus.map((sku) => `sku=${sku}`).join("&")}`;
  const seen = new Map<string, Seen[]>(skus.map((sku) => [sku, []]));
  const startedAt = Date.now();
  let over = false;
  const watching = watch(url, seen, () => over);
  await Bun.sleep(AFTER_MS);
  await shop();
  await Bun.sleep(AFTER_MS);
  over = true;
  await watching;
  const lags: number[] = [];
  for (const change of await readChanges(databaseUrl, skus, startedAt)) {
    const first = seen.get(change.sku)?.find((one) => one.at >= change.at && one.available <= change.available);
    lags.push(first ? first.at - change.at : Number.POSITIVE_INFINITY);
  }
  return lags.sort((left, right) => left - right);
}

async function watch(url: string, seen: ReadonlyMap<string, Seen[]>, isOver: () => boolean): Promise<void> {
  while (!isOver()) {
    const { items } = (await (await fetch(url)).json()) as { items: { sku: string; available: number }[] };
    const at = Date.now();
    for (const { sku, available } of items) {
      const known = seen.get(sku);
      if (known && known.at(-1)?.available !== available) known.push({ at, available });
    }
    await Bun.sleep(LOOK_EVERY_MS);
  }
}

/** Every change of what can be bought since then, with the hour of its commit. Units only leave while shoppers buy. */
async function readChanges(databaseUrl: string, skus: readonly string[], sinceMs: number) {
  const sql = postgres(databaseUrl, { max: 1, onnotice: () => undefined });
  try {
    return await sql<{ sku: string; at: number; available: number }[]>`
      select * from (
        select sku, (extract(epoch from pg_xact_commit_timestamp(xmin)) * 1000)::float8 as at, reserved,
          (sum(on_hand - reserved - allocated) over (partition by sku order by seq))::int as available
        from inventory.stock_movement where sku in ${sql([...skus])}
      ) movement where at >= ${sinceMs} and reserved > 0`;
  } finally {
    await sql.end();
  }
}

import { BREACHES_MAX, type Invariant } from "../invariant.ts";
import { bodyOf, keysLike, textsOf } from "../read-models.ts";
import type { Stores } from "../stores.ts";

/** What has just been committed may take this long to show. */
const CONVERGES_MS = 1_000;
const ROUNDS = 3;

export const redisShowsTheStock: Invariant = {
  number: 17,
  title: "stock in Redis converges to Postgres within a second of quiet",
  needs: ["postgres", "redis"],
  isLive: true,
  async breaches({ stores, mode }) {
    let differing = await differences(stores);
    // Of an open shop only what differs in the same way again and again is wrong.
    for (let round = 1; mode === "live" && round < ROUNDS && differing.length > 0; round += 1) {
      await Bun.sleep(CONVERGES_MS);
      const again = new Set(await differences(stores));
      differing = differing.filter((one) => again.has(one));
    }
    return differing.slice(0, BREACHES_MAX);
  },
};

async function differences({ sql, redis }: Stores): Promise<string[]> {
  if (!redis) return [];
  const shown = await textsOf(redis, await keysLike(redis, "v1:stock:*"));
  const skus = [...shown.keys()].map((key) => key.slice("v1:stock:".length));
  const kits = await kitsIn(redis);
  const levels = await sql<{ sku: string; available: number }[]>`
    select sku, sum(greatest(on_hand - reserved - allocated - buffer, 0))::float8 as available
    from inventory.stock_level where sku = any(${[...skus, ...[...kits.values()].flat().map((part) => part.sku)]}) group by sku`;
  const truth = new Map(levels.map(({ sku, available }) => [sku, available]));
  // A kit is there as often as the scarcest of its counted parts allows; one of which nothing is counted says nothing.
  for (const [sku, parts] of kits) {
    const whole = parts.map((part) => Math.floor((truth.get(part.sku) ?? 0) / part.quantity));
    if (whole.length > 0) truth.set(sku, Math.min(...whole));
  }
  const uncounted = new Set([...kits].filter(([, parts]) => parts.length === 0).map(([sku]) => sku));
  return skus
    .filter((sku) => !uncounted.has(sku))
    .flatMap((sku) => {
      const view: unknown = JSON.parse(bodyOf(shown.get(`v1:stock:${sku}`) ?? "null"));
      const available = view !== null && typeof view === "object" && "available" in view ? view.available : null;
      const expected = truth.get(sku) ?? 0;
      return available === expected ? [] : [`${sku}: Redis shows ${available}, there are ${expected}`];
    });
}

interface Part {
  readonly sku: string;
  readonly quantity: number;
}

/** The counted parts of each kit that is for sale. */
async function kitsIn(redis: NonNullable<Stores["redis"]>): Promise<Map<string, readonly Part[]>> {
  const texts = await textsOf(redis, await keysLike(redis, "v1:product-base:*"));
  const kits = new Map<string, readonly Part[]>();
  for (const text of texts.values()) {
    const base = JSON.parse(bodyOf(text)) as {
      variants?: { sku: string; kit?: (Part & { trackInventory: boolean })[] }[];
    } | null;
    for (const { sku, kit } of base?.variants ?? []) {
      if (kit)
        kits.set(
          sku,
          kit.filter((part) => part.trackInventory),
        );
    }
  }
  return kits;
}

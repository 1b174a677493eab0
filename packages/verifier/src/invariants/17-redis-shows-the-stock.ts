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
  const levels = await sql<{ sku: string; available: number }[]>`
    select sku, sum(greatest(on_hand - reserved - allocated - buffer, 0))::int as available
    from inventory.stock_level where sku = any(${skus}) group by sku`;
  const truth = new Map(levels.map(({ sku, available }) => [sku, available]));
  return skus.flatMap((sku) => {
    const view: unknown = JSON.parse(bodyOf(shown.get(`v1:stock:${sku}`) ?? "null"));
    const available = view !== null && typeof view === "object" && "available" in view ? view.available : null;
    const expected = truth.get(sku) ?? 0;
    return available === expected ? [] : [`${sku}: Redis shows ${available}, there are ${expected}`];
  });
}

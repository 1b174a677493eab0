import { BREACHES_MAX, type Invariant } from "../invariant.ts";
import { bodiesOf, keysLike, textsOf } from "../read-models.ts";
import type { Stores } from "../stores.ts";

export const rebuildChangesNothing: Invariant = {
  number: 22,
  title: "writing all read models anew from the truth changes nothing",
  needs: ["redis"],
  isLive: false,
  async breaches({ stores, rebuild }) {
    if (!rebuild) throw new Error("no way to rebuild was named (--rebuild)");
    const before = await snapshot(stores);
    await rebuild();
    const after = await snapshot(stores);
    const all = [...new Set([...before.keys(), ...after.keys()])].sort();
    return all
      .filter((key) => before.get(key) !== after.get(key))
      .slice(0, BREACHES_MAX)
      .map(
        (key) =>
          `${key} ${!before.has(key) ? "was missing" : after.has(key) ? "was different" : "belonged to nothing"}`,
      );
  },
};

/** Bodies only: when a model was written is no part of what it says. */
async function snapshot({ redis }: Stores): Promise<Map<string, string>> {
  if (!redis) return new Map();
  const keys = (await keysLike(redis, "v1:*")).filter((key) =>
    /^v1:(product|summary|stock|categories|former-slug|sku-owner|shop)/.test(key),
  );
  const texts = await textsOf(redis, keys);
  return new Map([...texts].map(([key, text]) => [key, bodiesOf(text)]));
}

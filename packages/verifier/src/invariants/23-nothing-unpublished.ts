import { BREACHES_MAX, type Invariant } from "../invariant.ts";
import { bodyOf, keysLike, textsOf } from "../read-models.ts";
import type { Stores } from "../stores.ts";

/** What was just taken off the shop may take a moment to go. */
const LEAVES_MS = 1_000;

export const nothingUnpublished: Invariant = {
  number: 23,
  title: "no key in Redis belongs to an unpublished product",
  needs: ["redis", "mongodb"],
  isLive: true,
  async breaches({ stores, mode }) {
    const published = await publishedProducts(stores);
    const keys = stores.redis ? await keysLike(stores.redis, "v1:*") : [];
    const byId = keys.filter((key) =>
      /^v1:(summary:[A-Z]{3}(@\w+)?|product-base|recommend:[a-z-]+|texts:[\w-]+):/.test(key),
    );
    const bySlug = keys.filter((key) => /^v1:product:[A-Z]{3}(@\w+)?:/.test(key));
    const found = [
      ...byId.filter((key) => !published.ids.has(key.slice(key.lastIndexOf(":") + 1))),
      ...bySlug.filter((key) => !published.slugs.has(key.slice(key.lastIndexOf(":") + 1))),
    ];
    if (mode === "live" && found.length > 0) await Bun.sleep(LEAVES_MS);
    const gone = await stillThere(stores, found);
    return gone.slice(0, BREACHES_MAX).map((key) => `${key} belongs to no published product`);
  },
};

async function publishedProducts({ mongo }: Stores) {
  const ids = new Set<string>();
  const slugs = new Set<string>();
  const shown = { $or: [{ status: "published" }, { "channels.status": "published" }] };
  const products = mongo?.collection<{ _id: string; slug: string; status: string }>("products");
  for await (const { _id, slug } of products?.find(shown, { projection: { slug: 1 } }) ?? []) {
    ids.add(_id);
    slugs.add(slug);
  }
  return { ids, slugs };
}

/** A mark that says "gone" is no view of a product. */
async function stillThere({ redis }: Stores, keys: readonly string[]): Promise<string[]> {
  if (!redis || keys.length === 0) return [];
  return [...(await textsOf(redis, keys))]
    .filter(([, text]) => bodyOf(text) !== "null" && bodyOf(text) !== "")
    .map(([key]) => key);
}

import { type Instant, type ProductId, problem } from "@stoa/kernel";
import type { CatalogDatabase } from "../database.ts";
import type { MediaDocument } from "./media-document.ts";
import { type LibraryDeps, MEDIA_URL_PREFIX, mediaNames } from "./media-library.ts";

/** How long a picture that no product names is kept: time enough to write the product that it was uploaded for. */
const UNUSED_MS = 24 * 3_600_000;
const SWEEP_MAX = 100;
const USERS_TOLD_MAX = 20;

/** Takes away a picture of the library. @throws problem `not_found`, `state_conflict` with the `products` that show it. */
export async function removeMedia(deps: LibraryDeps, name: string): Promise<MediaDocument> {
  const media = await deps.catalog.media.findOne({ _id: name });
  if (!media) throw problem("not_found");
  const users = await productsShowing(deps.catalog, [name]);
  if (users.size > 0) {
    const products = [...(users.get(name) ?? [])].slice(0, USERS_TOLD_MAX);
    throw problem("state_conflict", { detail: "products show this picture", products });
  }
  await takeAway(deps, media);
  return media;
}

/**
 * Takes away what no product has named for a day. A picture that is in use is looked at once a day. Any number of processes may
 * sweep. Answers how many went.
 */
export async function sweepMedia(deps: LibraryDeps): Promise<number> {
  const { catalog, now } = deps;
  const unseen = await catalog.media
    .find({ seenAt: { $lte: (now - UNUSED_MS) as Instant } })
    .sort({ seenAt: 1 })
    .limit(SWEEP_MAX)
    .toArray();
  if (unseen.length === 0) return 0;
  const used = await productsShowing(
    catalog,
    unseen.map((media) => media._id),
  );
  await catalog.media.updateMany({ _id: { $in: [...used.keys()] } }, { $set: { seenAt: now } });
  const unused = unseen.filter((media) => !used.has(media._id));
  for (const media of unused) await takeAway(deps, media);
  return unused.length;
}

/**
 * The file, then its row, unless somebody has taken the picture up since it was found unused: then the file is put back.
 * So a product that is written meanwhile never loses its picture, and a crash in between leaves a row that the next sweep ends.
 */
async function takeAway({ catalog, files }: LibraryDeps, { _id, seenAt }: MediaDocument): Promise<void> {
  const file = await files.read(_id);
  const bytes = file && (await new Response(file.body).bytes());
  await files.delete(_id);
  const { deletedCount } = await catalog.media.deleteOne({ _id, seenAt });
  if (deletedCount === 0 && bytes && (await catalog.media.findOne({ _id }))) await files.write(_id, bytes);
}

/** Where products name pictures: what they show, and what their working drafts are about to. */
const places = [
  ...(["media.url", "variants.image.url"] as const),
  ...(["working.patch.media.url", "working.patch.variants.image.url"] as const),
];

/** Products, in any state, by the picture they show or are about to show. */
async function productsShowing(
  catalog: CatalogDatabase,
  names: readonly string[],
): Promise<Map<string, Set<ProductId>>> {
  const urls = names.map((name) => MEDIA_URL_PREFIX + name);
  const users = catalog.products.find(
    { $or: places.map((place) => ({ [place]: { $in: urls } })) },
    { projection: Object.fromEntries(places.map((place) => [place, 1])) },
  );
  const wanted = new Set(names);
  const found = new Map<string, Set<ProductId>>();
  for await (const { _id, media, variants, working } of users) {
    const { media: drafted = [], variants: draftedVariants = [] } = working?.patch ?? {};
    for (const name of [
      ...mediaNames({ media, variants }),
      ...mediaNames({ media: drafted, variants: draftedVariants }),
    ]) {
      if (!wanted.has(name)) continue;
      found.set(name, (found.get(name) ?? new Set()).add(_id));
    }
  }
  return found;
}

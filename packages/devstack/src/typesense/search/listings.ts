import type { Collection } from "../collection.ts";
import type { Hit } from "./match.ts";

/** Lists that are remembered of a collection, each with a reference to every document in it. */
const LISTINGS_MAX = 32;

interface Known {
  readonly revision: number;
  readonly listings: Map<string, readonly Hit[]>;
}

const knownOf = new WeakMap<Collection, Known>();

/** What `list` answers, remembered by its key until the collection changes: the same list again needs no look at every document. */
export function listing(collection: Collection, key: string, list: () => readonly Hit[]): readonly Hit[] {
  const { revision } = collection;
  let known = knownOf.get(collection);
  if (known?.revision !== revision) {
    known = { revision, listings: new Map() };
    knownOf.set(collection, known);
  }
  const { listings } = known;
  const hits = listings.get(key) ?? list();
  listings.delete(key);
  listings.set(key, hits);
  for (const oldest of listings.keys()) {
    if (listings.size <= LISTINGS_MAX) break;
    listings.delete(oldest);
  }
  return hits;
}

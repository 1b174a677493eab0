import { encodeKey, rankByte } from "../bson/key.ts";
import { RANK, rankOf } from "../bson/values.ts";
import { valuesAtPath } from "../query/path.ts";
import type { Collection } from "./collection.ts";
import type { IndexTable } from "./index-table.ts";
import type { Store } from "./store.ts";

/** Documents removed in one transaction, so that a large sweep does not hold up the clients. */
const BATCH = 1_000;

/** Removes what TTL indexes say is over at that time; answers how many documents went. */
export function sweepExpired(store: Store, now: Date): number {
  let removed = 0;
  for (const collection of store.collections.values()) {
    for (const index of collection.indexes) {
      if (index.spec.expireAfterSeconds === null) continue;
      removed += sweepIndex(store, collection, { index, ttlSeconds: index.spec.expireAfterSeconds, now });
    }
  }
  return removed;
}

interface Sweep {
  readonly index: IndexTable;
  readonly ttlSeconds: number;
  readonly now: Date;
}

function sweepIndex(store: Store, collection: Collection, { index, ttlSeconds, now }: Sweep): number {
  const oldest = new Date(now.getTime() - ttlSeconds * 1_000);
  const dateByte = rankByte(RANK.date);
  const isDescending = index.spec.directions[0] === -1;
  const edge = encodeKey([oldest], index.spec.directions);
  const range = isDescending
    ? { low: edge, high: Buffer.from([(0xff ^ dateByte) + 1]) }
    : { low: Buffer.from([dateByte]), high: edge };
  const expired = [...new Set([...index.keys.entries(range, false)].map(({ seq }) => seq))];
  let removed = 0;
  for (let at = 0; at < expired.length; at += BATCH) {
    const batch = expired.slice(at, at + BATCH);
    store.transaction(() => {
      for (const seq of batch) removed += removeExpired(collection, index, seq, oldest) ? 1 : 0;
    });
  }
  return removed;
}

/** The key may be one item of an array; the earliest date in it decides, as in MongoDB. */
function removeExpired(collection: Collection, index: IndexTable, seq: number, oldest: Date): boolean {
  const record = collection.read(seq);
  const path = index.spec.paths[0] ?? [];
  const isOver =
    record &&
    valuesAtPath(record.document, path).some(
      (value) => rankOf(value) === RANK.date && Number(value) <= oldest.getTime(),
    );
  if (!record || !isOver) return false;
  collection.remove(record);
  return true;
}

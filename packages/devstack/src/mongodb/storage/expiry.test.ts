import { afterEach, beforeEach, expect, test } from "bun:test";
import { encode } from "../bson/codec.ts";
import type { Doc } from "../bson/values.ts";
import { atOnce } from "../turns.ts";
import type { Collection } from "./collection.ts";
import { sweepExpired } from "./expiry.ts";
import { parseIndexSpec } from "./index-spec.ts";
import { Store } from "./store.ts";

let store: Store;
let carts: Collection;

beforeEach(() => {
  store = new Store(null);
  carts = store.create("shop.carts", {});
});
afterEach(() => store[Symbol.dispose]());

const NOON = Date.UTC(2026, 0, 1, 12);

function fill(documents: readonly Doc[], direction: 1 | -1 = 1): void {
  atOnce(store.createIndex(carts, parseIndexSpec({ name: "ttl", key: { at: direction }, expireAfterSeconds: 60 })));
  store.transaction(() => {
    for (const document of documents) carts.insert(encode(document));
  });
}

function ids(): unknown[] {
  return [...carts.scan()].map((record) => record.document._id);
}

for (const direction of [1, -1] as const) {
  test(`a sweep removes what is over and nothing else (index direction ${direction})`, () => {
    fill(
      [
        { _id: "over", at: new Date(NOON - 61_000) },
        { _id: "just over", at: new Date(NOON - 60_000) },
        { _id: "fresh", at: new Date(NOON - 59_000) },
        { _id: "no date", at: 5 },
        { _id: "none" },
      ],
      direction,
    );
    const removed = sweepExpired(store, new Date(NOON + 1));
    expect(removed).toBe(2);
    expect(ids()).toEqual(["fresh", "no date", "none"]);
    expect(carts.count).toBe(3);
  });
}

test("the earliest date of an array decides", () => {
  fill([{ _id: 1, at: [new Date(NOON + 1_000_000), new Date(NOON - 100_000)] }]);
  expect(sweepExpired(store, new Date(NOON))).toBe(1);
  expect(ids()).toEqual([]);
});

test("without a TTL index nothing expires", () => {
  carts.insert(encode({ _id: 1, at: new Date(0) }));
  atOnce(store.createIndex(carts, parseIndexSpec({ name: "at", key: { at: 1 } })));
  expect(sweepExpired(store, new Date(NOON))).toBe(0);
});

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { type Bench, type Item, refusal, SERVERS } from "./testing.ts";

describe.each(SERVERS.map((server) => [server.name, server] as const))("updates of arrays on %s", (_name, server) => {
  let bench: Bench;
  beforeAll(async () => {
    bench = await server.open();
  });
  afterAll(() => bench.stop());

  /** The document after one update. */
  async function changed(document: Item, filter: object, update: object, options: object = {}): Promise<unknown> {
    const items = await bench.collection([document]);
    await items.updateOne(filter as Item, update, options);
    return items.findOne({});
  }

  test("$pull takes items that meet a condition", async () => {
    expect(await changed({ _id: 1, l: [1, 2, 3, 4] }, {}, { $pull: { l: { $gte: 3 } } })).toEqual({
      _id: 1,
      l: [1, 2],
    });
    expect(await changed({ _id: 1, l: [{ a: 1, b: 2 }, { a: 2 }] }, {}, { $pull: { l: { a: 1 } } })).toEqual({
      _id: 1,
      l: [{ a: 2 }],
    });
  });

  test("$pullAll takes listed values", async () => {
    expect(await changed({ _id: 1, l: [1, 2, 3, 1] }, {}, { $pullAll: { l: [1, 3] } })).toEqual({ _id: 1, l: [2] });
  });

  test("$addToSet adds what is not there", async () => {
    expect(await changed({ _id: 1, l: [1, 2] }, {}, { $addToSet: { l: { $each: [2, 9] } } })).toEqual({
      _id: 1,
      l: [1, 2, 9],
    });
  });

  test("$pop takes from either end", async () => {
    expect(await changed({ _id: 1, l: [1, 2, 3] }, {}, { $pop: { l: -1 } })).toEqual({ _id: 1, l: [2, 3] });
    expect(await changed({ _id: 1, l: [1, 2, 3] }, {}, { $pop: { l: 1 } })).toEqual({ _id: 1, l: [1, 2] });
  });

  test("$push sorts, cuts and inserts at a position", async () => {
    const sorted = { $push: { l: { $each: [3, 9], $sort: 1, $slice: 3 } } };
    expect(await changed({ _id: 1, l: [5, 1] }, {}, sorted)).toEqual({ _id: 1, l: [1, 3, 5] });
    const placed = { $push: { l: { $each: [0], $position: 0 } } };
    expect(await changed({ _id: 1, l: [1, 3] }, {}, placed)).toEqual({ _id: 1, l: [0, 1, 3] });
    const byField = { $push: { l: { $each: [{ s: 1 }], $sort: { s: -1 }, $slice: -2 } } };
    expect(await changed({ _id: 1, l: [{ s: 3 }, { s: 2 }] }, {}, byField)).toEqual({
      _id: 1,
      l: [{ s: 2 }, { s: 1 }],
    });
  });

  test("$push to what is no array is refused", async () => {
    const items = await bench.collection([{ _id: 1, l: 5 }]);
    expect((await refusal(items.updateOne({ _id: 1 }, { $push: { l: 1 } } as object))).code).toBe(2);
  });

  test("$ stands for the item a field condition matched", async () => {
    const lines = [
      { s: "a", q: 1 },
      { s: "b", q: 1 },
    ];
    expect(await changed({ _id: 1, lines }, { "lines.s": "b" }, { $inc: { "lines.$.q": 5 } })).toEqual({
      _id: 1,
      lines: [
        { s: "a", q: 1 },
        { s: "b", q: 6 },
      ],
    });
  });

  test("$ stands for the item $elemMatch matched", async () => {
    const lines = [
      { s: "a", q: 1 },
      { s: "b", q: 3 },
      { s: "b", q: 9 },
    ];
    const filter = { lines: { $elemMatch: { s: "b", q: { $gt: 5 } } } };
    expect(await changed({ _id: 1, lines }, filter, { $set: { "lines.$.hit": true } })).toEqual({
      _id: 1,
      lines: [lines[0], lines[1], { s: "b", q: 9, hit: true }],
    });
  });

  test("$ stands for a matched plain value", async () => {
    expect(await changed({ _id: 1, l: [1, 5, 7] }, { l: { $gt: 4 } }, { $set: { "l.$": 0 } })).toEqual({
      _id: 1,
      l: [1, 0, 7],
    });
  });

  test("$ without a condition on its array is refused", async () => {
    const items = await bench.collection([{ _id: 1, l: [1] }]);
    expect((await refusal(items.updateOne({ _id: 1 }, { $set: { "l.$": 0 } }))).code).toBe(2);
  });

  test("$[] stands for every item", async () => {
    expect(await changed({ _id: 1, l: [{ q: 1 }, { q: 2 }] }, {}, { $inc: { "l.$[].q": 1 } })).toEqual({
      _id: 1,
      l: [{ q: 2 }, { q: 3 }],
    });
  });

  test("$[name] stands for the items its array filter chooses", async () => {
    const lines = [{ s: "a" }, { s: "b" }];
    const options = { arrayFilters: [{ "e.s": "a" }] };
    expect(await changed({ _id: 1, lines }, {}, { $set: { "lines.$[e].z": true } }, options)).toEqual({
      _id: 1,
      lines: [{ s: "a", z: true }, { s: "b" }],
    });
  });

  test("array filters that do not fit the paths are refused", async () => {
    const items = await bench.collection([{ _id: 1, l: [1] }]);
    const missing = items.updateOne({}, { $set: { "l.$[e]": 0 } });
    expect((await refusal(missing)).code).toBe(2);
    const unused = items.updateOne({}, { $set: { a: 1 } }, { arrayFilters: [{ e: 1 }] });
    expect((await refusal(unused)).code).toBe(9);
  });

  test("a number in a path is a place in an array", async () => {
    expect(await changed({ _id: 1, l: [{ q: 1 }, { q: 2 }] }, {}, { $set: { "l.1.q": 9, "l.3": 0 } })).toEqual({
      _id: 1,
      l: [{ q: 1 }, { q: 9 }, null, 0],
    });
  });

  test("$unset of an item leaves null in its place", async () => {
    expect(await changed({ _id: 1, l: [1, 2, 3] }, {}, { $unset: { "l.1": "" } })).toEqual({ _id: 1, l: [1, null, 3] });
  });
});

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { type Collection, Decimal128, Long, ObjectId } from "mongodb";
import { type Bench, type Item, idsOf, refusal, SERVERS } from "./testing.ts";

describe.each(SERVERS.map((server) => [server.name, server] as const))("queries on %s", (_name, server) => {
  let bench: Bench;
  let mixed: Collection<Item>;
  beforeAll(async () => {
    bench = await server.open();
    mixed = await bench.collection([
      { _id: 1, a: 1, t: ["x", "y"] },
      { _id: 2, a: 2, t: ["y"], s: "Hello" },
      { _id: 3, t: [], items: [{ k: 1, v: 5 }] },
    ]);
  });
  afterAll(() => bench.stop());

  const cases: ReadonlyArray<readonly [promise: string, filter: object, ids: readonly number[]]> = [
    ["$in takes any of its values", { a: { $in: [1, 2] } }, [1, 2]],
    ["$in takes patterns", { s: { $in: [/^hel/i] } }, [2]],
    ["$nin also finds what has no such field", { a: { $nin: [1] } }, [2, 3]],
    ["$or finds what one branch finds", { $or: [{ a: 1 }, { s: /^hel/i }] }, [1, 2]],
    ["$nor finds what no branch finds", { $nor: [{ a: 1 }, { s: "Hello" }] }, [3]],
    ["$exists false finds what lacks the field", { a: { $exists: false } }, [3]],
    ["$type finds by type name", { s: { $type: "string" } }, [2]],
    ["$type of a number knows its width", { a: { $type: "int" } }, [1, 2]],
    ["$type double leaves out whole numbers", { a: { $type: "double" } }, []],
    ["$regex takes options", { s: { $regex: "LLO", $options: "i" } }, [2]],
    ["$not turns a condition round", { a: { $not: { $gt: 1 } } }, [1, 3]],
    ["$size counts items", { t: { $size: 1 } }, [2]],
    ["$all wants every value", { t: { $all: ["x", "y"] } }, [1]],
    ["a value matches an item of an array", { t: "y" }, [1, 2]],
    ["a whole array matches only itself", { t: ["x", "y"] }, [1]],
    ["$elemMatch wants one item that meets all", { items: { $elemMatch: { k: 1, v: { $gt: 4 } } } }, [3]],
    ["$elemMatch finds nothing when no item meets all", { items: { $elemMatch: { k: 1, v: { $gt: 5 } } } }, []],
    ["null matches what is missing", { a: null }, [3]],
    ["$ne null finds what is there", { a: { $ne: null } }, [1, 2]],
    ["$mod compares the remainder", { a: { $mod: [2, 0] } }, [2]],
    ["$expr compares fields with values", { $expr: { $gt: ["$a", 1] } }, [2]],
    ["a dotted path goes through arrays", { "items.v": 5 }, [3]],
    ["a dotted path may name a place in an array", { "t.1": "y" }, [1]],
    ["an embedded document matches whole", { items: { k: 1, v: 5 } }, [3]],
  ];
  for (const [promise, filter, ids] of cases) {
    test(promise, async () => {
      expect(await idsOf(mixed, filter)).toEqual([...ids]);
    });
  }

  test("a date range finds what lies in it", async () => {
    const items = await bench.collection([
      { _id: 1, at: new Date("2026-01-01") },
      { _id: 2, at: new Date("2026-02-01") },
    ]);
    expect(await idsOf(items, { at: { $gte: new Date("2026-01-15"), $lt: new Date("2026-03-01") } })).toEqual([2]);
  });

  test("a range over numbers ignores strings, null and dates", async () => {
    const items = await bench.collection([
      { _id: 1, a: "10" },
      { _id: 2, a: 10 },
      { _id: 3, a: null },
      { _id: 4, a: new Date() },
    ]);
    expect(await idsOf(items, { a: { $gt: 5 } })).toEqual([2]);
    expect(await idsOf(items, { a: { $lt: 50 } })).toEqual([2]);
  });

  test("null does not match where an array holds no documents", async () => {
    const items = await bench.collection([{ _id: 1, a: [] }, { _id: 2, a: [1, 2] }, { _id: 3, a: [{}] }, { _id: 4 }]);
    expect(await idsOf(items, { "a.b": null })).toEqual([3, 4]);
  });

  test("two bounds may be met by different items of an array", async () => {
    const items = await bench.collection([{ _id: 1, t: [0, 10] }]);
    expect(await idsOf(items, { t: { $gt: 1, $lt: 5 } })).toEqual([1]);
    await items.createIndex({ t: 1 });
    expect(await idsOf(items, { t: { $gt: 1, $lt: 5 } })).toEqual([1]);
  });

  test("64-bit integers and decimals compare with numbers by value", async () => {
    const items = await bench.collection([
      { _id: 1, a: Long.fromString("9007199254740993") },
      { _id: 2, a: Decimal128.fromString("5.5") },
      { _id: 3, a: 7 },
    ]);
    expect(await idsOf(items, { a: { $gt: 6 } })).toEqual([1, 3]);
    expect(await idsOf(items, { a: { $lt: Decimal128.fromString("5.6") } })).toEqual([2]);
    expect(await idsOf(items, { a: Long.fromString("9007199254740992") })).toEqual([]);
  });

  test("ids made by the driver sort by time and take ranges", async () => {
    const ids = [1, 2, 3].map((second) => ObjectId.createFromTime(1_700_000_000 + second));
    const items = await bench.collection(ids.map((_id, place) => ({ _id, place })));
    const newest = await items.find().sort({ _id: -1 }).toArray();
    expect(newest.map((item) => item.place)).toEqual([2, 1, 0]);
    const later = await items
      .find({ _id: { $gt: ids[0] ?? "" } })
      .sort({ _id: 1 })
      .toArray();
    expect(later.map((item) => item.place)).toEqual([1, 2]);
  });

  test("count, estimated count and distinct agree with the documents", async () => {
    const items = await bench.collection([{ a: 1, t: ["x", "y"] }, { a: 2, t: ["y"] }, { a: 2 }]);
    expect(await items.countDocuments({ a: 2 })).toBe(2);
    expect(await items.countDocuments({ a: 2 }, { skip: 1 })).toBe(1);
    expect(await items.estimatedDocumentCount()).toBe(3);
    expect((await items.distinct("a")).sort()).toEqual([1, 2]);
    expect((await items.distinct("t")).sort()).toEqual(["x", "y"]);
    expect(await items.distinct("t", { a: 2 })).toEqual(["y"]);
  });

  test("variables of a query reach its expressions", async () => {
    const found = await mixed.find({ $expr: { $eq: ["$a", "$$wanted"] } }, { let: { wanted: 2 } }).toArray();
    expect(found.map((item) => item._id)).toEqual([2]);
  });

  test("an unknown operator is refused, in a field and at the top", async () => {
    expect((await refusal(mixed.find({ a: { $nope: 1 } }).toArray())).code).toBe(2);
    expect((await refusal(mixed.find({ $nope: [] }).toArray())).code).toBe(2);
  });

  test("a malformed operand is refused even where no document is", async () => {
    const empty = await bench.collection();
    expect((await refusal(empty.find({ a: { $in: 1 } }).toArray())).code).toBe(2);
    expect((await refusal(empty.find({ $or: [] }).toArray())).code).toBe(2);
  });
});

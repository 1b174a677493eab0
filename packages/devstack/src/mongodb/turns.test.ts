import { afterAll, afterEach, beforeAll, beforeEach, expect, spyOn, test } from "bun:test";
import type { Collection } from "mongodb";
import { type Bench, type Item, openStandIn } from "./testing.ts";
import { atOnce, inTurns, PAUSE, type Steps } from "./turns.ts";

/** Enough for a hundred turns, with the clock of below. */
const DOCUMENTS = 3_000;
/** The same for writes. */
const CHANGED = 3_000;
const KINDS = 7;

let bench: Bench;
let items: Collection<Item>;

beforeAll(async () => {
  bench = await openStandIn();
  items = await bench.collection(
    Array.from({ length: DOCUMENTS }, (_, at) => ({ _id: at, kind: at % KINDS, text: "words ".repeat(10) })),
  );
}, 60_000);
afterAll(() => bench.stop());

// A turn is over at every second look at this clock, however fast the machine is: what a test sees does not depend on its speed.
let now = 0;
let clock: { mockRestore(): void };
beforeEach(() => {
  now = performance.now();
  clock = spyOn(performance, "now").mockImplementation(() => {
    now += 10;
    return now;
  });
});
afterEach(() => clock.mockRestore());

/** How many other commands were answered while the work was under way. */
async function answeredDuring(work: Promise<unknown>): Promise<number> {
  let isDone = false;
  let answered = 0;
  const watched = work.finally(() => {
    isDone = true;
  });
  while (!isDone) {
    await bench.database.command({ ping: 1 });
    if (!isDone) answered += 1;
  }
  await watched;
  return answered;
}

const last = { text: /words/, kind: KINDS - 1 };
const reads: Readonly<Record<string, () => Promise<unknown>>> = {
  "a group": () => items.aggregate([{ $match: last }, { $group: { _id: "$kind", n: { $sum: 1 } } }]).toArray(),
  "a count": () => items.countDocuments(last),
  "a search without an index": () => items.find({ text: /nowhere/ }).toArray(),
  "a sort without an index": () => items.find({}).sort({ text: 1, kind: -1 }).limit(3).toArray(),
  "distinct values": () => items.distinct("kind", { text: /words/ }),
};

for (const [name, read] of Object.entries(reads)) {
  test(`others are answered while ${name} of a large collection is under way`, async () => {
    expect(await answeredDuring(read())).toBeGreaterThan(1);
  });
}

test("a read that lets others have their turn answers what it would have answered at once", async () => {
  const sizes = await items.aggregate([{ $group: { _id: "$kind", n: { $sum: 1 } } }, { $sort: { _id: 1 } }]).toArray();
  const expected = Array.from({ length: KINDS }, (_, kind) => ({
    _id: kind,
    n: Math.ceil((DOCUMENTS - kind) / KINDS),
  }));
  expect(sizes).toEqual(expected as never);
  expect(await items.countDocuments({ kind: 3 })).toBe(expected[3]?.n ?? 0);
  const found = await items.find({ kind: 3 }).sort({ _id: -1 }).toArray();
  expect(found.map(({ _id }) => _id)).toEqual(
    Array.from({ length: expected[3]?.n ?? 0 }, (_, at) => 3 + at * KINDS).toReversed(),
  );
});

test("what others write while a read is under way does not break it off", async () => {
  const [counted] = await Promise.all([
    items.countDocuments({ text: /words/ }),
    ...Array.from({ length: 50 }, (_, at) => items.updateOne({ _id: at * 60 }, { $set: { text: "other words" } })),
  ]);
  expect(counted).toBe(DOCUMENTS);
});

test("a collection that is dropped under a read ends it with an error, as in MongoDB, unless it was read by then", async () => {
  const gone = await bench.collection(Array.from({ length: 5_000 }, (_, at) => ({ _id: at, text: "words" })));
  const read = gone.aggregate([{ $match: { text: /words/ } }, { $group: { _id: null, n: { $sum: 1 } } }]).toArray();
  const dropped = gone.drop();
  const [outcome] = await Promise.allSettled([read, dropped]);
  if (outcome.status === "rejected") expect(String(outcome.reason)).toContain("dropped");
  else expect(outcome.value).toEqual([{ _id: null, n: 5_000 }]);
});

test("steps without a pause are done when they are begun, and those with one are done behind it", async () => {
  function* steps(pauses: number): Steps<string> {
    for (let at = 0; at < pauses; at += 1) yield PAUSE;
    return "done";
  }
  expect(inTurns(steps(0))).toBe("done");
  expect(inTurns(steps(3))).toBeInstanceOf(Promise);
  expect(await inTurns(steps(3))).toBe("done");
  expect(atOnce(steps(3))).toBe("done");
});

test("others are answered while many documents are changed or removed, and what they make another thing meanwhile is left alone", async () => {
  const many = await bench.collection(
    Array.from({ length: CHANGED }, (_, at) => ({ _id: at, kind: at % KINDS, text: "words", n: 0 })),
  );
  const changing = many.updateMany({ text: "words" }, { $inc: { n: 1 } as never });
  const lastOne = CHANGED - 1;
  const taken = many.updateOne({ _id: lastOne }, { $set: { text: "other" } });
  expect(await answeredDuring(changing)).toBeGreaterThan(1);
  await taken;
  expect(await many.countDocuments({ n: 1 })).toBe((await changing).modifiedCount);
  expect((await changing).modifiedCount).toBeGreaterThanOrEqual(CHANGED - 1);
  const removing = many.deleteMany({ text: "words" });
  expect(await answeredDuring(removing)).toBeGreaterThan(1);
  expect((await removing).deletedCount).toBe(CHANGED - 1);
  expect((await many.find({}).toArray()).map(({ _id }) => _id)).toEqual([lastOne]);
}, 60_000);

test("others are answered while an index of a large collection is built, and what they write meanwhile is found by it", async () => {
  const many = await bench.collection(
    Array.from({ length: CHANGED }, (_, at) => ({ _id: at, kind: at % KINDS, text: `words ${at}` })),
  );
  const building = many.createIndex({ text: 1 });
  // On both sides of where the building is, whichever that may be.
  const writes = Promise.all([
    many.insertOne({ _id: CHANGED, kind: 0, text: "inserted" }),
    ...[3, CHANGED - 3].map((_id) => many.updateOne({ _id }, { $set: { text: "changed" } })),
    ...[7, CHANGED - 7].map((_id) => many.deleteOne({ _id })),
  ]);
  // Asked for once more it is there only when it can be used.
  const again = many.createIndex({ text: 1 });
  expect(await answeredDuring(building)).toBeGreaterThan(1);
  await Promise.all([writes, again]);
  expect((await many.indexes()).map(({ name }) => name)).toEqual(["_id_", "text_1"]);
  const found = await many
    .find({ text: { $in: ["inserted", "changed", "words 7", "words 3"] } })
    .hint("text_1")
    .toArray();
  expect(new Set(found.map(({ _id }) => _id))).toEqual(new Set([3, CHANGED - 3, CHANGED]));
  expect(
    await many
      .find({ text: /^words/ })
      .hint("text_1")
      .toArray(),
  ).toHaveLength(CHANGED - 4);
}, 60_000);

test("an index that is to be unique is refused for what others write while it is built, and leaves nothing", async () => {
  const many = await bench.collection(Array.from({ length: CHANGED }, (_, at) => ({ _id: at, text: `words ${at}` })));
  const building = many.createIndex({ text: 1 }, { unique: true });
  await many.insertOne({ _id: CHANGED, text: "words 5" });
  expect(String(await building.catch((error: unknown) => error))).toContain("E11000");
  expect((await many.indexes()).map(({ name }) => name)).toEqual(["_id_"]);
  await many.deleteOne({ _id: CHANGED });
  expect(await many.createIndex({ text: 1 }, { unique: true })).toBe("text_1");
  expect(String(await many.insertOne({ _id: -1, text: "words 5" }).catch((error: unknown) => error))).toContain(
    "E11000",
  );
}, 60_000);

test("a collection that is dropped while an index of it is built ends that with an error", async () => {
  const many = await bench.collection(Array.from({ length: CHANGED }, (_, at) => ({ _id: at, text: `words ${at}` })));
  const building = many.createIndex({ text: 1 }).catch((error: unknown) => error);
  await bench.database.command({ ping: 1 });
  await many.drop();
  expect(String(await building)).toContain("dropped");
  await many.insertOne({ _id: 1, text: "words" });
  expect((await many.indexes()).map(({ name }) => name)).toEqual(["_id_"]);
}, 60_000);

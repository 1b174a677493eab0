import { afterEach, expect, test } from "bun:test";
import { MongoClient } from "mongodb";
import { type RunningMongodb, startMongodb } from "./index.ts";
import { type Item, refusal } from "./testing.ts";

const running: Array<() => Promise<void>> = [];
afterEach(async () => {
  for (const stop of running.splice(0).reverse()) await stop();
});

async function start() {
  const server: RunningMongodb = await startMongodb({ port: 0, dataDir: null, faults: { seed: 7 } });
  running.push(() => server.stop());
  const client = await new MongoClient(server.url, { serverSelectionTimeoutMS: 5_000, retryReads: false }).connect();
  running.push(() => client.close());
  const { faults } = server;
  if (!faults) throw new Error("The stand-in was started with faults");
  return { faults, items: client.db("shop").collection<Item>("items") };
}

test("without a seed there are no fault knobs", async () => {
  await using server = await startMongodb({ port: 0, dataDir: null });
  expect(server.faults).toBeNull();
});

test("a failed command answers the code that was asked for and does nothing", async () => {
  const { faults, items } = await start();
  faults.arm({ operation: "insert", action: { kind: "fail", code: "NotWritablePrimary" }, times: 1 });
  const refused = await refusal(items.insertOne({ _id: 1 }));
  expect(refused.code).toBe(10107);
  expect(refused.codeName).toBe("NotWritablePrimary");
  expect(await items.countDocuments()).toBe(0);
  await items.insertOne({ _id: 1 });
});

test("a failed command may name its code by number", async () => {
  const { faults, items } = await start();
  faults.arm({ operation: "find", action: { kind: "fail", status: 91 }, times: 1 });
  expect((await refusal(items.findOne({}))).code).toBe(91);
});

test("a lost answer cuts the connection after the write was made", async () => {
  const { faults, items } = await start();
  faults.arm({ operation: "insert", action: { kind: "loseAnswer" }, times: 1 });
  await refusal(items.insertOne({ _id: 1 }));
  expect(await items.countDocuments()).toBe(1);
});

test("a dropped command never happened", async () => {
  const { faults, items } = await start();
  faults.arm({ operation: "insert", action: { kind: "drop" }, times: 1 });
  await refusal(items.insertOne({ _id: 1 }));
  expect(await items.countDocuments()).toBe(0);
});

test("a delayed command does not hold up another connection, and happens in the end", async () => {
  const { faults, items } = await start();
  faults.arm({ operation: "insert", action: { kind: "delay", delayMs: 1_500 }, times: 1 });
  const finished: string[] = [];
  const insert = items.insertOne({ _id: 1 }).then(() => finished.push("insert"));
  const count = items.countDocuments().then(() => finished.push("count"));
  await Promise.all([insert, count]);
  expect(finished).toEqual(["count", "insert"]);
  expect(await items.countDocuments()).toBe(1);
});

test("a fault that databases have not is said to be none", async () => {
  const { faults, items } = await start();
  faults.arm({ operation: "insert", action: { kind: "duplicate" }, times: 1 });
  expect((await refusal(items.insertOne({ _id: 1 }))).message).toContain("no fault 'duplicate'");
});

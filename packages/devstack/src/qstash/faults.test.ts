import { expect, test } from "bun:test";
import { eventually, startBench } from "./testing.ts";

test("a delivery whose answer is lost is made again", async () => {
  await using bench = await startBench();
  bench.arm({ operation: "deliver", action: { kind: "loseAnswer" }, times: 1 });
  await bench.client.publishJSON({ url: `${bench.destination}/x`, body: 1 });
  await eventually(() => bench.received.length === 2);
  expect(bench.received.map(({ headers }) => headers.get("upstash-retried"))).toEqual(["0", "1"]);
});

test("a dropped and a failed delivery never reach the destination and are retried", async () => {
  await using bench = await startBench();
  bench.arm({ operation: "deliver", action: { kind: "drop" }, times: 1 });
  bench.arm({ operation: "deliver", action: { kind: "fail", status: 500, retryAfterSeconds: 1 }, times: 1 });
  await bench.client.publishJSON({ url: `${bench.destination}/x`, body: 1 });
  await eventually(() => bench.received.length === 1);
  expect(bench.received[0]?.headers.get("upstash-retried")).toBe("2");
});

test("a duplicated delivery arrives twice with the same id", async () => {
  await using bench = await startBench();
  bench.arm({ operation: "deliver", action: { kind: "duplicate" }, times: 1 });
  await bench.client.publishJSON({ url: `${bench.destination}/x`, body: 1 });
  await eventually(() => bench.received.length === 2);
  expect(new Set(bench.received.map(({ headers }) => headers.get("upstash-message-id"))).size).toBe(1);
});

test("a reordered delivery is overtaken by the next one", async () => {
  await using bench = await startBench();
  bench.arm({ operation: "deliver", action: { kind: "reorder" }, times: 1 });
  await bench.client.batchJSON([
    { url: `${bench.destination}/first`, body: 1 },
    { url: `${bench.destination}/second`, body: 2 },
  ]);
  await eventually(() => bench.received.length === 2);
  expect(bench.paths()).toEqual(["/second", "/first"]);
});

test("a reordered delivery without a successor still arrives", async () => {
  await using bench = await startBench();
  bench.arm({ operation: "deliver", action: { kind: "reorder" } });
  await bench.client.publishJSON({ url: `${bench.destination}/alone`, body: 1 });
  await eventually(() => bench.received.length === 1);
  expect(bench.paths()).toEqual(["/alone"]);
});

test("a delayed delivery arrives all the same", async () => {
  await using bench = await startBench();
  bench.arm({ operation: "deliver", action: { kind: "delay", delayMs: 20 }, times: 1 });
  await bench.client.publishJSON({ url: `${bench.destination}/x`, body: 1 });
  await eventually(() => bench.received.length === 1);
});

test("a publish whose answer is lost has taken effect, a dropped one has not", async () => {
  await using bench = await startBench();
  bench.arm({ operation: "publish", action: { kind: "loseAnswer" }, times: 1 });
  bench.arm({ operation: "publish", action: { kind: "drop" }, times: 1 });
  const publish = (path: string) => bench.client.publishJSON({ url: bench.destination + path, body: 1 });
  const outcomes = [];
  for (const path of ["/lost-answer", "/dropped", "/fine"]) {
    outcomes.push(
      await publish(path).then(
        () => "answered",
        () => "cut",
      ),
    );
  }
  expect(outcomes).toEqual(["cut", "cut", "answered"]);
  await eventually(() => bench.received.length === 2);
  expect(bench.paths().sort()).toEqual(["/fine", "/lost-answer"]);
});

test("a failed publish answers the status asked for and stores nothing", async () => {
  await using bench = await startBench();
  bench.arm({ operation: "publish", action: { kind: "fail", status: 503 }, times: 1 });
  const publish = () => bench.client.publishJSON({ url: `${bench.destination}/x`, body: 1 });
  const refused = await publish().catch((error) => error);
  expect(refused).toMatchObject({ status: 503 });
  await publish();
  await eventually(async () => (await bench.client.logs({ filter: { state: "DELIVERED" } })).logs.length === 1);
  expect((await bench.client.logs({ filter: { state: "CREATED" } })).logs).toHaveLength(1);
});

test("a duplicated publish is stored once when it carries a deduplication id and twice when not", async () => {
  await using bench = await startBench();
  bench.arm({ operation: "publish", action: { kind: "duplicate" }, times: 2 });
  await bench.client.publishJSON({ url: `${bench.destination}/once`, body: 1, deduplicationId: "d" });
  await bench.client.publishJSON({ url: `${bench.destination}/twice`, body: 1 });
  await eventually(() => bench.received.length === 3);
  expect(bench.paths().sort()).toEqual(["/once", "/twice", "/twice"]);
});

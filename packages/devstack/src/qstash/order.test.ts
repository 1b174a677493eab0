import { expect, test } from "bun:test";
import { eventually, newClient, startBench } from "./testing.ts";

test("a queue delivers in order and waits for the retries of its head", async () => {
  let failures = 2;
  await using bench = await startBench((_request, { path }) => {
    if (path !== "/head") return new Response("ok");
    failures -= 1;
    return new Response("", { status: failures >= 0 ? 500 : 200 });
  });
  const queue = bench.client.queue({ queueName: "orders" });
  await queue.enqueueJSON({ url: `${bench.destination}/head`, body: 0 });
  for (let index = 1; index <= 5; index += 1) {
    await queue.enqueueJSON({ url: `${bench.destination}/${index}`, body: index });
  }
  await eventually(() => bench.received.length === 8);
  expect(bench.paths()).toEqual(["/head", "/head", "/head", "/1", "/2", "/3", "/4", "/5"]);
});

test("a paused queue holds its messages until it is resumed, and tells how many wait", async () => {
  await using bench = await startBench();
  const queue = bench.client.queue({ queueName: "held" });
  await queue.upsert({ parallelism: 2, paused: true });
  for (let index = 0; index < 3; index += 1) await queue.enqueueJSON({ url: `${bench.destination}/q`, body: index });
  await bench.client.publishJSON({ url: `${bench.destination}/free`, body: 1 });
  await eventually(() => bench.received.length === 1);
  expect(bench.paths()).toEqual(["/free"]);
  expect(await queue.get()).toMatchObject({ name: "held", parallelism: 2, paused: true, lag: 3 });
  await queue.resume();
  await eventually(() => bench.received.length === 4);
  expect((await queue.list()).map(({ name, lag }) => ({ name, lag }))).toEqual([{ name: "held", lag: 0 }]);
  await queue.delete();
  expect(queue.get()).rejects.toMatchObject({ status: 404 });
});

test("flow control never lets more than its parallelism run at once", async () => {
  let running = 0;
  let most = 0;
  const two = Promise.withResolvers<void>();
  await using bench = await startBench(async () => {
    running += 1;
    most = Math.max(most, running);
    if (running === 2) two.resolve();
    // The first waits for the second, however late that is.
    await two.promise;
    await Bun.sleep(10);
    running -= 1;
    return new Response("ok");
  });
  const flowControl = { key: "provider", parallelism: 2 };
  await bench.client.batchJSON(
    Array.from({ length: 12 }, (_, body) => ({ url: `${bench.destination}/x`, body, flowControl })),
  );
  await eventually(() => bench.received.length === 12);
  expect(most).toBe(2);
});

test("a rate is spread over periods", async () => {
  await using bench = await startBench();
  const flowControl = { key: "slow", rate: 2, period: "100s" as const };
  await bench.client.batchJSON(
    Array.from({ length: 6 }, (_, body) => ({ url: `${bench.destination}/x`, body, flowControl })),
  );
  await eventually(() => bench.received.length === 6);
  const { logs } = await bench.client.logs({ filter: { state: "ACTIVE" } });
  const times = logs.map(({ time }) => time).sort((a, b) => a - b);
  expect((times[5] ?? 0) - (times[0] ?? 0)).toBeGreaterThanOrEqual(190);
});

test("a flow-control key can be paused, pinned, read and resumed", async () => {
  await using bench = await startBench();
  const { flowControl } = bench.client;
  await flowControl.pause("k");
  await flowControl.pin("k", { parallelism: 1 });
  await bench.client.batchJSON(
    [1, 2].map((body) => ({ url: `${bench.destination}/x`, body, flowControl: { key: "k", parallelism: 9 } })),
  );
  expect(await flowControl.get("k")).toMatchObject({
    flowControlKey: "k",
    isPaused: true,
    isPinnedParallelism: true,
    parallelismMax: 1,
    waitListSize: 2,
  });
  await flowControl.unpin("k", { parallelism: true });
  await flowControl.resume("k");
  await eventually(() => bench.received.length === 2);
  expect(await flowControl.get("k")).toMatchObject({ isPaused: false, parallelismMax: 9, waitListSize: 0 });
  expect((await flowControl.getGlobalParallelism()).parallelismMax).toBe(64);
});

test("a schedule fires again and again until it is paused or deleted", async () => {
  await using bench = await startBench();
  const { scheduleId } = await bench.client.schedules.create({
    destination: `${bench.destination}/tick?x=1`,
    cron: "* * * * *",
    body: "{}",
    headers: { "X-Job": "tick" },
    scheduleId: "every-minute",
  });
  await eventually(() => bench.received.length >= 2);
  expect(bench.received[0]?.headers.get("upstash-schedule-id")).toBe("every-minute");
  expect(bench.received[0]?.headers.get("x-job")).toBe("tick");
  expect(bench.received[0]?.verified).toBe(true);
  expect(bench.received[0]?.path).toBe("/tick?x=1");
  await bench.client.schedules.pause({ schedule: scheduleId });
  expect(await bench.client.schedules.get(scheduleId)).toMatchObject({ cron: "* * * * *", isPaused: true });
  await bench.client.schedules.delete(scheduleId);
  expect(await bench.client.schedules.list()).toEqual([]);
  expect(bench.client.schedules.create({ destination: bench.destination, cron: "61 * * * *" })).rejects.toMatchObject({
    status: 400,
  });
});

test("after the keys are rotated, a receiver with the old pair still verifies", async () => {
  await using bench = await startBench();
  const rotated = await fetch(`${bench.qstash.url}/v2/keys/rotate`, {
    method: "POST",
    headers: { authorization: "Bearer test-token" },
  });
  expect(await rotated.json()).toMatchObject({ current: "sig_next" });
  await bench.client.publishJSON({ url: `${bench.destination}/x`, body: 1 });
  await eventually(() => bench.received.length === 1);
  expect(bench.received[0]?.verified).toBe(true);
});

test("hundreds of messages from many publishers all arrive exactly once", async () => {
  await using bench = await startBench();
  const client = newClient(bench.qstash.url);
  await Promise.all(
    Array.from({ length: 8 }, async (_, publisher) => {
      for (let index = 0; index < 50; index += 1) {
        await client.publishJSON({ url: `${bench.destination}/x`, body: `${publisher}-${index}` });
      }
    }),
  );
  await eventually(() => bench.received.length >= 400);
  expect(new Set(bench.received.map(({ body }) => body)).size).toBe(400);
  expect(bench.received).toHaveLength(400);
});

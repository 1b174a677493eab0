import { expect, test } from "bun:test";
import { eventually, startBench } from "./testing.ts";

function failing(times: number, status = 503, headers: Record<string, string> = {}): () => Response {
  let left = times;
  return () => {
    left -= 1;
    return left >= 0 ? new Response("boom", { status, headers }) : new Response("ok");
  };
}

test("a failing destination is retried with the number of retries on each delivery", async () => {
  await using bench = await startBench(failing(2));
  await bench.client.publishJSON({ url: `${bench.destination}/flaky`, body: {} });
  await eventually(() => bench.received.length === 3);
  expect(bench.received.map(({ headers }) => headers.get("upstash-retried"))).toEqual(["0", "1", "2"]);
  expect(new Set(bench.received.map(({ headers }) => headers.get("upstash-message-id"))).size).toBe(1);
  expect(bench.received.every(({ verified }) => verified === true)).toBe(true);
});

test("a message that exhausts its retries becomes a dead letter, calls the failure callback once and can be retried", async () => {
  const healed = { value: false };
  await using bench = await startBench((_request, { path }) =>
    path === "/fail" && !healed.value ? new Response("boom", { status: 500 }) : new Response("ok"),
  );
  const { messageId } = await bench.client.publishJSON({
    url: `${bench.destination}/fail`,
    body: { order: 1 },
    retries: 1,
    retryDelay: "1000 * (1 + retried)",
    failureCallback: `${bench.destination}/gave-up`,
  });
  await eventually(() => bench.paths().includes("/gave-up"));
  expect(bench.paths()).toEqual(["/fail", "/fail", "/gave-up"]);
  const notice = JSON.parse(bench.received[2]?.body ?? "{}");
  expect(notice).toMatchObject({ status: 500, retried: 1, maxRetries: 1, sourceMessageId: messageId });
  expect(Buffer.from(notice.sourceBody, "base64").toString()).toBe('{"order":1}');
  expect(Buffer.from(notice.body, "base64").toString()).toBe("boom");

  const { messages } = await bench.client.dlq.listMessages();
  expect(messages).toHaveLength(1);
  expect(messages[0]).toMatchObject({ dlqId: notice.dlqId, messageId, responseStatus: 500, responseBody: "boom" });

  healed.value = true;
  const { responses } = await bench.client.dlq.retry(notice.dlqId);
  expect(responses).toHaveLength(1);
  await eventually(() => bench.paths().filter((path) => path === "/fail").length === 3);
  expect((await bench.client.dlq.listMessages()).messages).toEqual([]);
});

test("489 with the non-retryable header goes to the dead letters after one attempt", async () => {
  await using bench = await startBench(
    () => new Response("no", { status: 489, headers: { "Upstash-NonRetryable-Error": "true" } }),
  );
  await bench.client.publishJSON({ url: `${bench.destination}/never`, body: {}, retries: 3 });
  await eventually(async () => (await bench.client.dlq.listMessages()).messages.length === 1);
  expect(bench.received).toHaveLength(1);
  const [dead] = (await bench.client.dlq.listMessages()).messages;
  await bench.client.dlq.delete([dead?.dlqId ?? ""]);
  expect((await bench.client.dlq.listMessages()).messages).toEqual([]);
});

test("an unreachable destination counts as a failed attempt", async () => {
  await using bench = await startBench();
  await bench.client.publishJSON({ url: "http://127.0.0.1:1/closed", body: 1, retries: 0 });
  await eventually(async () => (await bench.client.dlq.listMessages()).messages.length === 1);
  const { logs } = await bench.client.logs({ filter: { state: "ERROR" } });
  expect(logs[0]?.error).toBeString();
});

test("a callback is sent for every attempt, with the headers meant for it", async () => {
  let calls = 0;
  await using bench = await startBench((_request, { path }) => {
    if (path !== "/work") return new Response("ok");
    calls += 1;
    return calls === 1 ? new Response("later", { status: 500 }) : new Response("done");
  });
  await bench.client.publishJSON({
    url: `${bench.destination}/work`,
    body: 1,
    callback: `${bench.destination}/callback`,
    headers: { "Upstash-Callback-Forward-X-Trace": "t1" },
  });
  await eventually(() => bench.paths().filter((path) => path === "/callback").length === 2);
  const callbacks = bench.received.filter(({ path }) => path === "/callback");
  expect(callbacks.map(({ body }) => JSON.parse(body).status)).toEqual([500, 200]);
  expect(callbacks.map(({ headers }) => headers.get("x-trace"))).toEqual(["t1", "t1"]);
  expect(callbacks.every(({ verified }) => verified === true)).toBe(true);
});

test("a destination may say when to come back", async () => {
  await using bench = await startBench(failing(1, 503, { "Retry-After": "30" }));
  await bench.client.publishJSON({ url: `${bench.destination}/busy`, body: 1, retryDelay: "86400000" });
  await eventually(() => bench.received.length === 2);
  const { logs } = await bench.client.logs({ filter: { state: "RETRY" } });
  const [retry] = logs;
  expect((retry?.nextDeliveryTime ?? 0) - (retry?.time ?? 0)).toBeLessThanOrEqual(30);
});

test("a message cancelled while it is being delivered is not retried", async () => {
  const gate = Promise.withResolvers<void>();
  await using bench = await startBench(async () => {
    await gate.promise;
    return new Response("no", { status: 500 });
  });
  const { messageId } = await bench.client.publishJSON({ url: `${bench.destination}/slow`, body: 1 });
  await eventually(() => bench.received.length === 1);
  await bench.client.messages.cancel(messageId);
  gate.resolve();
  await eventually(async () => (await bench.client.logs({ filter: { state: "CANCELED" } })).logs.length === 1);
  expect(bench.received).toHaveLength(1);
});

test("the log tells what happened to a message, newest first", async () => {
  await using bench = await startBench(failing(1));
  const { messageId } = await bench.client.publishJSON({
    url: `${bench.destination}/flaky`,
    body: 1,
    headers: { secret: "s" },
    redact: { header: ["secret"] },
  });
  await eventually(async () => (await bench.client.logs({ filter: { state: "DELIVERED" } })).logs.length === 1);
  const { logs } = await bench.client.logs({ messageIds: [messageId] });
  expect(logs.map(({ state }) => state)).toEqual(["DELIVERED", "ACTIVE", "RETRY", "ERROR", "ACTIVE", "CREATED"]);
  expect(logs[0]?.header?.secret).toBe("REDACTED");
  const first = await bench.client.logs({ filter: { messageId }, count: 4 });
  const rest = await bench.client.logs({
    filter: { messageId },
    count: 4,
    ...(first.cursor ? { cursor: first.cursor } : {}),
  });
  expect([first.logs.length, rest.logs.length]).toEqual([4, 2]);
});

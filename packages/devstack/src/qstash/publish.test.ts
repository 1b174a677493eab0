import { expect, test } from "bun:test";
import { eventually, newClient, startBench } from "./testing.ts";

test("a published message arrives once, signed, with its body, headers and query untouched", async () => {
  await using bench = await startBench();
  const { messageId } = await bench.client.publishJSON({
    url: `${bench.destination}/webhooks/qstash?a=1&b=two%20words`,
    body: { hello: "é" },
    headers: { "X-Saga": "s1", Authorization: "Bearer z" },
  });
  await eventually(() => bench.received.length === 1);
  const [delivery] = bench.received;
  expect(delivery?.verified).toBe(true);
  expect(delivery?.path).toBe("/webhooks/qstash?a=1&b=two%20words");
  expect(delivery?.body).toBe('{"hello":"é"}');
  expect(delivery?.headers.get("x-saga")).toBe("s1");
  expect(delivery?.headers.get("authorization")).toBe("Bearer z");
  expect(delivery?.headers.get("content-type")).toBe("application/json");
  expect(delivery?.headers.get("user-agent")).toBe("Upstash-QStash");
  expect(delivery?.headers.get("upstash-message-id")).toBe(messageId);
  expect(delivery?.headers.get("upstash-retried")).toBe("0");
});

test("a destination with a raw space is signed for the address the receiver sees", async () => {
  await using bench = await startBench();
  await bench.client.publishJSON({ url: `${bench.destination}/a?x=a b`, body: 1 });
  await eventually(() => bench.received.length === 1);
  expect(bench.received[0]?.verified).toBe(true);
});

test("the method asked for is used, and a GET carries no body", async () => {
  await using bench = await startBench((request) => new Response(request.method));
  await bench.client.publish({ url: `${bench.destination}/get`, method: "GET" });
  await bench.client.publish({ url: `${bench.destination}/put`, method: "PUT", body: "text" });
  await eventually(() => bench.received.length === 2);
  expect(bench.received.map(({ path, body, verified }) => ({ path, body, verified }))).toContainAllValues([
    { path: "/get", body: "", verified: true },
    { path: "/put", body: "text", verified: true },
  ]);
});

test("the same deduplication id is delivered once and answers 202 with the first id", async () => {
  await using bench = await startBench();
  const publish = () =>
    bench.client.publishJSON({ url: `${bench.destination}/once`, body: 1, deduplicationId: "order-1" });
  const first = await publish();
  const second = await publish();
  const [batched] = await bench.client.batchJSON([
    { url: `${bench.destination}/once`, body: 1, deduplicationId: "order-1" },
  ]);
  await bench.client.publishJSON({ url: `${bench.destination}/last`, body: 1 });
  await eventually(() => bench.paths().includes("/once") && bench.paths().includes("/last"));
  expect(second).toMatchObject({ messageId: first.messageId, deduplicated: true });
  expect(batched).toMatchObject({ messageId: first.messageId, deduplicated: true });
  expect(bench.paths().sort()).toEqual(["/last", "/once"]);
});

test("content-based deduplication tells different bodies apart", async () => {
  await using bench = await startBench();
  const publish = (body: number) =>
    bench.client.publishJSON({ url: `${bench.destination}/x`, body, contentBasedDeduplication: true });
  const first = await publish(1);
  const same = await publish(1);
  const other = await publish(2);
  expect(same.messageId).toBe(first.messageId);
  expect(other.messageId).not.toBe(first.messageId);
});

test("a batch is accepted whole: one wrong destination refuses all of it", async () => {
  await using bench = await startBench();
  const refused = bench.client.batchJSON([
    { url: `${bench.destination}/good`, body: 1 },
    { url: "not a url", body: 2 },
  ]);
  expect(refused).rejects.toThrow("invalid destination url");
  await refused.catch(() => undefined);
  const accepted = await bench.client.batchJSON([
    { url: `${bench.destination}/1`, body: 1 },
    { url: `${bench.destination}/2`, body: 2, queueName: "orders" },
  ]);
  await eventually(() => bench.received.length === 2);
  expect(accepted).toHaveLength(2);
  expect(bench.paths().sort()).toEqual(["/1", "/2"]);
});

test("a wrong token, a wrong path and a malformed header are refused with the vendor's status", async () => {
  await using bench = await startBench();
  const url = `${bench.destination}/x`;
  expect(newClient(bench.qstash.url, "wrong").publishJSON({ url, body: 1 })).rejects.toMatchObject({ status: 401 });
  const call = (path: string, headers: Record<string, string>) =>
    fetch(bench.qstash.url + path, { method: "POST", headers: { authorization: "Bearer test-token", ...headers } });
  expect((await call("/v2/nothing", {})).status).toBe(404);
  const refusals = [
    { "upstash-retries": "many" },
    { "upstash-delay": "soon" },
    { "upstash-retry-delay": "system(1)" },
    { "upstash-callback": "nowhere" },
    { "upstash-flow-control-key": "k", "upstash-flow-control-value": "speed=1" },
    { "upstash-callback": url, "upstash-callback-retries": "x" },
  ];
  for (const headers of refusals) {
    const response = await call(`/v2/publish/${url}`, headers);
    expect({ headers, status: response.status }).toEqual({ headers, status: 400 });
    expect(await response.json()).toHaveProperty("error");
  }
  expect(bench.received).toHaveLength(0);
});

test("a body above one megabyte is refused with 413", async () => {
  await using bench = await startBench();
  const publish = bench.client.publish({ url: `${bench.destination}/x`, body: "x".repeat(1_100_000) });
  expect(publish).rejects.toMatchObject({ status: 413 });
  await publish.catch(() => undefined);
});

test("a delayed message can be read and cancelled, and is then never delivered", async () => {
  await using bench = await startBench();
  const { messageId } = await bench.client.publishJSON({
    url: `${bench.destination}/late`,
    body: { a: 1 },
    delay: "7d",
  });
  const message = await bench.client.messages.get(messageId);
  expect(message.notBefore).toBeGreaterThan(message.createdAt);
  expect(message).toMatchObject({ url: `${bench.destination}/late`, body: '{"a":1}', maxRetries: 3 });
  expect(await bench.client.messages.cancel(messageId)).toMatchObject({ cancelled: 1 });
  expect(bench.client.messages.get(messageId)).rejects.toMatchObject({ status: 404 });
  await bench.client.publishJSON({ url: `${bench.destination}/now`, body: 1 });
  await eventually(() => bench.received.length > 0);
  expect(bench.paths()).toEqual(["/now"]);
});

test("many messages are cancelled at once by label", async () => {
  await using bench = await startBench();
  for (const label of ["a", "b", "a"]) {
    await bench.client.publishJSON({ url: `${bench.destination}/x`, body: 1, delay: "7d", label });
  }
  expect(await bench.client.messages.cancel({ filter: { label: "a" } })).toMatchObject({ cancelled: 2 });
  expect(await bench.client.messages.cancel({ all: true })).toMatchObject({ cancelled: 1 });
});

test("a delay is waited for and not-before wins over it", async () => {
  await using bench = await startBench();
  const inHalfAnHour = Math.floor(Date.now() / 1_000) + 1_800;
  const url = `${bench.destination}`;
  const [late, soon] = await bench.client.batchJSON([
    { url: `${url}/late`, body: 1, notBefore: inHalfAnHour, delay: "1s" },
    { url: `${url}/soon`, body: 1, delay: "50s" },
  ]);
  await eventually(() => bench.received.length === 2);
  expect(bench.paths()).toEqual(["/soon", "/late"]);
  expect(late?.messageId).not.toBe(soon?.messageId);
});

test("a url group delivers to every endpoint", async () => {
  await using bench = await startBench();
  const { urlGroups } = bench.client;
  await urlGroups.addEndpoints({
    name: "all",
    endpoints: [
      { name: "one", url: `${bench.destination}/one` },
      { name: "two", url: `${bench.destination}/two` },
    ],
  });
  const answers = await bench.client.publishJSON({ urlGroup: "all", body: 1 });
  await eventually(() => bench.received.length === 2);
  expect(answers).toHaveLength(2);
  expect(bench.paths().sort()).toEqual(["/one", "/two"]);
  await urlGroups.removeEndpoints({ name: "all", endpoints: [{ name: "one" }] });
  expect((await urlGroups.get("all")).endpoints).toEqual([{ name: "two", url: `${bench.destination}/two` }]);
  await urlGroups.delete("all");
  expect(await urlGroups.list()).toEqual([]);
});

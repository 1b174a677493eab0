import { afterAll, beforeAll, expect, test } from "bun:test";
import { startQstash } from "@stoa/devstack/qstash";
import { fixedClock, type Instant, newId } from "@stoa/kernel";
import { silentLogger } from "@stoa/runtime";
import { Client, Receiver } from "@upstash/qstash";
import type { OutboxRow } from "../platform/outbox/index.ts";
import { eventually } from "../testing/index.ts";
import {
  createPublisher,
  createQstashWebhook,
  type GivenUp,
  QSTASH_FAILURE_PATH,
  QSTASH_PATH,
  type QueueDelivery,
} from "./qstash.ts";
import { createQstashFailures } from "./qstash-failures.ts";

const keys = { currentSigningKey: "sig_current_for_tests", nextSigningKey: "sig_next_for_tests" };
const token = "token-for-tests";

/** A QStash over the wire, core's doors behind it, and what came through. */
async function aQueue(timeScale = 1) {
  const qstash = await startQstash({ port: 0, dataDir: null, token, timeScale, ...keys });
  const worked: QueueDelivery[] = [];
  const dead: (QueueDelivery & GivenUp)[] = [];
  let failures = 0;
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch: (request) => (new URL(request.url).pathname === QSTASH_PATH ? webhook(request) : givenUp(request)),
  });
  const webhookBaseUrl = `http://127.0.0.1:${server.port}`;
  const door = {
    receiver: new Receiver(keys),
    webhookBaseUrl,
    logger: silentLogger,
    deadLetter: async (delivery: QueueDelivery, failure: GivenUp) => void dead.push({ ...delivery, ...failure }),
  };
  const givenUp = createQstashFailures(door);
  const webhook = createQstashWebhook({
    ...door,
    observe: () => undefined,
    handlers: {
      "saga.run": async () => {
        failures -= 1;
        throw new Error("not yet");
      },
      "test.told": async (delivery) => {
        if (failures > 0) {
          failures -= 1;
          throw new Error("not yet");
        }
        worked.push(delivery);
      },
    },
  });
  const clock = fixedClock(new Date().toISOString());
  const client = new Client({ baseUrl: qstash.url, token });
  return {
    webhookBaseUrl,
    webhook,
    worked,
    dead,
    publish: createPublisher({ client, webhookBaseUrl, clock }),
    failNext: (times: number) => {
      failures = times;
    },
    failuresLeft: () => failures,
    row: (type: string): OutboxRow => ({
      id: newId("msg"),
      channel: "queue",
      type,
      key: "k",
      payload: { n: 1 },
      availableAt: clock.now() as Instant,
      attempts: 1,
    }),
    async [Symbol.asyncDispose]() {
      await server.stop(true);
      await qstash.stop();
    },
  };
}

let queue: Awaited<ReturnType<typeof aQueue>>;
beforeAll(async () => {
  queue = await aQueue();
});
afterAll(() => queue[Symbol.asyncDispose]());

test("what is published is delivered to the handler of its type, signed", async () => {
  const row = queue.row("test.told");
  await queue.publish([row]);
  await eventually(() => queue.worked.some((delivery) => delivery.id === row.id));
  expect(queue.worked.find((delivery) => delivery.id === row.id)).toMatchObject({ key: "k", payload: { n: 1 } });
});

test("publishing a row twice delivers it once", async () => {
  const [row, next] = [queue.row("test.told"), queue.row("test.told")];
  await queue.publish([row]);
  await queue.publish([row, next]);
  await eventually(() => queue.worked.some((delivery) => delivery.id === next.id));
  expect(queue.worked.filter((delivery) => delivery.id === row.id)).toHaveLength(1);
});

test("a delivery that fails comes again", async () => {
  const row = queue.row("test.told");
  queue.failNext(1);
  await queue.publish([row]);
  await eventually(() => queue.worked.some((delivery) => delivery.id === row.id));
}, 60_000);

test("a type that nobody handles ends among the dead letters", async () => {
  const rows = [queue.row("test.unheard-of"), queue.row("constructor")];
  await queue.publish(rows);
  await eventually(() => rows.every((row) => queue.dead.some((delivery) => delivery.id === row.id)));
});

test("a delivery that fails as often as it is tried ends among the dead letters, with how it ended", async () => {
  await using hasty = await aQueue(0.001);
  const row = hasty.row("test.told");
  hasty.failNext(4);
  await hasty.publish([row]);
  await eventually(() => hasty.dead.length > 0);
  expect(hasty.worked).toEqual([]);
  expect(hasty.dead).toMatchObject([{ id: row.id, type: "test.told", key: "k", payload: { n: 1 }, attempts: 4 }]);
  expect(hasty.dead[0]?.error).toContain("500");
});

test("what wakes a saga in vain is no dead letter: the sweep wakes it", async () => {
  await using hasty = await aQueue(0.001);
  const [wake, row] = [hasty.row("saga.run"), hasty.row("test.told")];
  await hasty.publish([wake]);
  await eventually(() => hasty.failuresLeft() === -4);
  hasty.failNext(4);
  await hasty.publish([row]);
  await eventually(() => hasty.dead.length > 0);
  expect(hasty.dead.map(({ id }) => id)).toEqual([row.id]);
});

test("a failure that QStash has not signed is refused, and so is a delivery at the failures' door", async () => {
  const url = queue.webhookBaseUrl + QSTASH_FAILURE_PATH;
  const sourceBody = btoa(JSON.stringify({ id: newId("msg"), type: "test.told", key: "k", payload: {} }));
  const body = JSON.stringify({ status: 500, retried: 3, sourceBody });
  expect((await fetch(url, { method: "POST", body })).status).toBe(401);
  const headers = { "upstash-signature": "eyJhbGciOiJub25lIn0.e30." };
  expect((await fetch(url, { method: "POST", body, headers })).status).toBe(401);
});

test("an unsigned, a foreign and a tampered delivery are refused", async () => {
  const url = queue.webhookBaseUrl + QSTASH_PATH;
  const body = JSON.stringify({ id: newId("msg"), type: "test.told", key: "k", payload: {} });
  expect((await fetch(url, { method: "POST", body })).status).toBe(401);
  const headers = { "upstash-signature": "eyJhbGciOiJub25lIn0.e30." };
  expect((await fetch(url, { method: "POST", body, headers })).status).toBe(401);
});

test("a body larger than 256 KiB is not read, though nobody says beforehand how large it is", async () => {
  let sent = 0;
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      sent += 1;
      if (sent > 100) controller.close();
      else controller.enqueue(new Uint8Array(65_536));
    },
  });
  const answer = await queue.webhook(new Request(queue.webhookBaseUrl + QSTASH_PATH, { method: "POST", body }));
  expect(answer.status).toBe(413);
  expect(sent).toBeLessThan(20);
});

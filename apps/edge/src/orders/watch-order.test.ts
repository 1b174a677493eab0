import { afterAll, beforeAll, expect, test } from "bun:test";
import { newId } from "@stoa/kernel";
import { channels, keys, type OrderState, type StoredOrder } from "@stoa/read-models";
import { Departure } from "@stoa/runtime/portable";
import { type EdgeUnderTest, edgeUnderTest, eventually } from "../testing/edge-under-test.ts";
import { orderView, storedOrder } from "../testing/fixtures.ts";

let edge: EdgeUnderTest;
beforeAll(async () => {
  edge = await edgeUnderTest();
});
afterAll(() => edge[Symbol.asyncDispose]());

const headers = { "x-order-token": "token" };

async function put(stored: StoredOrder, version: number): Promise<string> {
  const envelope = await edge.seed(keys.order(stored.view.id), stored, version);
  await edge.redis.publish(channels.order(stored.view.id), envelope);
  return envelope;
}

function order(state: OrderState) {
  return storedOrder(orderView({ state }), { token: "token" });
}

/** Reads a stream as its events come. */
async function watch(orderId: string, more: Readonly<Record<string, string>> = {}) {
  const controller = new AbortController();
  const url = `${edge.listen()}/v1/orders/${orderId}/events`;
  const answer = await fetch(url, { headers: { ...headers, ...more }, signal: controller.signal });
  let text = "";
  const reading = (async () => {
    for await (const chunk of answer.body ?? []) text += new TextDecoder().decode(chunk);
  })().catch(() => {});
  const events = () =>
    [...text.matchAll(/id: (\S+)\nevent: order\ndata: (.*)\n\n/g)].map(([, id, data]) => ({
      id,
      ...JSON.parse(data ?? "{}"),
    }));
  return {
    answer,
    text: () => text,
    states: () => events().map((event) => event.state),
    ids: () => [...text.matchAll(/id: (\S+)/g)].map((match) => match[1]),
    close: async () => {
      controller.abort();
      await reading;
    },
  };
}

test("200: the order now and at each change, never an older one again", async () => {
  const stored = order("pending");
  await put(stored, 1);
  const stream = await watch(stored.view.id);
  expect(stream.answer.headers.get("content-type")).toBe("text/event-stream");
  expect(stream.answer.headers.get("cache-control")).toBe("private, no-store");
  await eventually(() => expect(stream.states()).toEqual(["pending"]));
  const old = await put({ ...stored, view: { ...stored.view, state: "confirmed" } }, 3);
  await eventually(() => expect(stream.states()).toEqual(["pending", "confirmed"]));
  await edge.redis.publish(channels.order(stored.view.id), old);
  await put({ ...stored, view: { ...stored.view, state: "pending" } }, 2);
  await put({ ...stored, view: { ...stored.view, state: "completed" } }, 4);
  await eventually(() => expect(stream.states()).toEqual(["pending", "confirmed", "completed"]));
  expect(stream.ids()).toEqual(["1.0", "3.0", "4.0"]);
  await stream.close();
});

test("Last-Event-ID resumes: what was seen is not sent again", async () => {
  const stored = order("confirmed");
  await put(stored, 7);
  const stream = await watch(stored.view.id, { "last-event-id": "7.0" });
  await eventually(() => expect(stream.text()).toContain(": connected"));
  await put({ ...stored, view: { ...stored.view, state: "completed" } }, 8);
  await eventually(() => expect(stream.states()).toEqual(["completed"]));
  await stream.close();
});

test("a stream that the client leaves frees its subscription", async () => {
  const stored = order("pending");
  await put(stored, 1);
  const stream = await watch(stored.view.id);
  const listeners = async () => Number((await edge.redis.pubsub("NUMSUB", channels.order(stored.view.id)))[1]);
  await eventually(async () => expect(await listeners()).toBe(1));
  await stream.close();
  await eventually(async () => expect(await listeners()).toBe(0));
});

test("a process that is to end lets its watchers go", async () => {
  const departure = new Departure();
  await using ending = await edgeUnderTest({ deps: { departure } });
  const stored = order("pending");
  await ending.seed(keys.order(stored.view.id), stored, 1);
  const answer = await fetch(`${ending.listen()}/v1/orders/${stored.view.id}/events`, { headers });
  await departure.begin({ quietMs: 0, longestMs: 0 });
  expect(await answer.text()).toContain('"state":"pending"');
});

test("404: strangers see no stream", async () => {
  const stored = order("pending");
  await put(stored, 1);
  const answer = await edge.ask(`/v1/orders/${stored.view.id}/events`, { headers: { "x-order-token": "other" } });
  expect(answer.status).toBe(404);
  edge.core.refuse("orders.view", "not_found");
  expect((await edge.ask(`/v1/orders/${newId("ord")}/events`)).status).toBe(404);
});

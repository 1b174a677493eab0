import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { type AppProcess, startAppProcess } from "@stoa/devstack";
import { eventually } from "../../eventually.ts";
import { startBalancer } from "./balancer.ts";
import { browseAndFill, buy, firstShippingMethod, startCrowd } from "./crowd.ts";
import { isOk } from "./is-ok.ts";
import { slugsOf } from "./reads.ts";
import { type OutageShop, openOutageShop } from "./shop.ts";

setDefaultTimeout(300_000);

const LANES = 12;

let shop: OutageShop;
beforeAll(async () => {
  shop = await openOutageShop();
});
afterAll(() => shop[Symbol.asyncDispose]());

/** On a busy machine a balancer is late to see that a process leaves; whoever is replaced gives it the time. */
const patient = { SHUTDOWN_DRAIN_MS: "12000" };

async function startEdge(env: Readonly<Record<string, string>> = {}): Promise<AppProcess> {
  const edge = await startAppProcess({ name: "edge", env: { ...shop.env, ...patient, ...env } });
  await eventually(async () => (await slugsOf(edge.url)).length === 40);
  return edge;
}

test("an edge that is told to end under load loses no request: it is not ready first, then lets go, then closes", async () => {
  await using leaving = await startEdge();
  await using staying = await startEdge();
  await using balancer = await startBalancer(() => [leaving.url, staying.url]);
  const slugs = await slugsOf(staying.url);
  const crowd = startCrowd(
    LANES,
    browseAndFill(() => balancer.url, slugs),
  );
  await crowd.more(300);
  leaving.terminate();
  await eventually(async () => !(await isOk(`${leaving.url}/readyz`)));
  await crowd.more(300);
  expect(await leaving.exited).toBe(0);
  await crowd.more(300);
  const report = await crowd.stop();
  expect(report.failures).toEqual([]);
  expect(report.closing).toBeGreaterThan(0);
});

test("whoever watches an order is told when to come back, and the stream ends as it should", async () => {
  await using edge = await startEdge();
  const shippingMethod = await firstShippingMethod(edge.url);
  const placed = await buy(edge.url, shippingMethod, 40)(0, 0);
  const { id, accessToken } = (await placed.json()) as { readonly id: string; readonly accessToken: string };
  const headers = { "x-order-token": accessToken };
  const watched = await fetch(`${edge.url}/v1/orders/${id}/events`, { headers });
  const events = watched.text();
  edge.terminate();
  const text = await events;
  expect(text).toMatch(/^retry: \d{4}$/m);
  expect(text).toContain("event: order\n");
  expect(text.endsWith("\n\n")).toBe(true);
  expect(await edge.exited).toBe(0);
});

test("two cores are replaced one after the other while shoppers buy, and no call fails", async () => {
  let cores = [
    await startAppProcess({ name: "core", env: shop.env }),
    await startAppProcess({ name: "core", env: shop.env }),
  ];
  await shop.stack.app("core").kill("SIGTERM");
  await using balancer = await startBalancer(() => cores.map((core) => core.url));
  try {
    await using edge = await startEdge({ CORE_URL: balancer.url });
    const crowd = startCrowd(4, buy(edge.url, await firstShippingMethod(edge.url), 40));
    await crowd.more(8);
    for (const old of cores) {
      old.terminate();
      expect(await old.exited).toBe(0);
      await crowd.more(8);
      const fresh = await startAppProcess({ name: "core", env: shop.env });
      cores = [...cores.filter((core) => core !== old), fresh];
      await eventually(() => isOk(`${fresh.url}/readyz`));
      await crowd.more(8);
    }
    expect((await crowd.stop()).failures).toEqual([]);
  } finally {
    for (const core of cores) await core[Symbol.asyncDispose]();
    await shop.stack.app("core").restart();
  }
});

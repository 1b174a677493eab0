import { expect, test } from "bun:test";
import { endpointById, endpoints } from "@stoa/contract";
import { keys } from "@stoa/read-models";
import { noMetrics } from "@stoa/runtime/portable";
import { edgeUnderTest } from "../testing/edge-under-test.ts";
import { productView, summaryView } from "../testing/fixtures.ts";
import { LoadShedder, Overloaded, type Urgency, urgencyOf } from "./load-shedding.ts";

const URGENCIES: readonly Urgency[] = ["browse", "shop", "buy"];

function late(lagMs: number): LoadShedder {
  const shedder = new LoadShedder({ metrics: noMetrics });
  for (let sample = 0; sample < 4; sample += 1) shedder.noteLag(lagMs);
  return shedder;
}

/** Of a hundred calls, how many were let in. */
async function admitted(shedder: LoadShedder, urgency: Urgency): Promise<number> {
  let count = 0;
  for (let call = 0; call < 100; call += 1) {
    await shedder
      .admit(urgency, () => {
        count += 1;
      })
      .catch((error: unknown) => expect(error).toBeInstanceOf(Overloaded));
  }
  return count;
}

test("a process that keeps up lets everybody in", async () => {
  for (const urgency of URGENCIES) expect(await admitted(late(90), urgency)).toBe(100);
});

test("the later a process is, the fewer it lets in: browsers are given up first and buyers last", async () => {
  const counts = async (lagMs: number) => Promise.all(URGENCIES.map((urgency) => admitted(late(lagMs), urgency)));
  expect(await counts(200)).toEqual([50, 100, 100]);
  expect(await counts(400)).toEqual([25, 50, 100]);
  expect(await counts(800)).toEqual([12, 25, 50]);
});

test("one long task is no overload", async () => {
  const shedder = late(1);
  shedder.noteLag(5_000);
  expect(await admitted(shedder, "browse")).toBe(100);
});

test("of those that wait, buyers find room when browsers and carts do not any more, and places come back", async () => {
  const shedder = new LoadShedder({ metrics: noMetrics, inFlightMax: 10 });
  const gate = Promise.withResolvers<void>();
  const wait = (urgency: Urgency) =>
    shedder
      .admit(urgency, () => gate.promise)
      .then(
        () => "served",
        () => "shed",
      );
  const browsing = Array.from({ length: 8 }, () => wait("browse"));
  const shopping = Array.from({ length: 4 }, () => wait("shop"));
  const buying = Array.from({ length: 3 }, () => wait("buy"));
  gate.resolve();
  const served = async (calls: Promise<string>[]) =>
    (await Promise.all(calls)).filter((one) => one === "served").length;
  expect([await served(browsing), await served(shopping), await served(buying)]).toEqual([6, 2, 2]);
  expect(await wait("browse")).toBe("served");
});

test("health checks are never turned away, and what leads to an order is turned away last", () => {
  expect(urgencyOf(endpointById("system.healthz"))).toBeNull();
  expect(urgencyOf(endpointById("system.readyz"))).toBeNull();
  expect(urgencyOf(endpointById("carts.checkout"))).toBe("buy");
  expect(urgencyOf(endpointById("paymentLinks.pay"))).toBe("buy");
  expect(urgencyOf(endpointById("carts.items.add"))).toBe("shop");
  for (const endpoint of endpoints) if (endpoint.tag === "catalog") expect(urgencyOf(endpoint)).toBe("browse");
});

test("an overloaded edge says when to come back, gives what it holds, and stays healthy", async () => {
  const load = late(60_000);
  await using edge = await edgeUnderTest({ deps: { load } });
  await edge.seedShop();
  const [held, other] = [summaryView(), summaryView()];
  for (const one of [held, other]) await edge.seed(keys.product("USD", one.slug), productView(one));
  for (let sample = 0; sample < 4; sample += 1) load.noteLag(0);
  expect((await edge.ask(`/v1/products/${held.slug}`)).status).toBe(200);
  for (let sample = 0; sample < 4; sample += 1) load.noteLag(60_000);

  expect((await edge.ask(`/v1/products/${held.slug}`)).status).toBe(200);
  expect((await edge.ask("/healthz")).status).toBe(200);
  for (const answer of [await edge.ask(`/v1/products/${other.slug}`), await edge.ask("/v1/carts", { body: {} })]) {
    expect(answer.status).toBe(503);
    expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(answer.headers.get("content-type")).toBe("application/problem+json");
    expect(await answer.json()).toMatchObject({ code: "service_unavailable", detail: "The shop is very busy." });
  }
});

test("an answer that has changed since is given with its age rather than refused", async () => {
  const load = new LoadShedder({ metrics: noMetrics });
  await using edge = await edgeUnderTest({ deps: { load } });
  await edge.seedShop();
  const product = summaryView({ title: "Old lamp" });
  const key = keys.product("USD", product.slug);
  await edge.seed(key, productView(product));
  const path = `/v1/products/${product.slug}`;
  await edge.ask(path);
  await edge.seed(key, productView({ ...product, title: "New lamp" }));
  edge.parts.answers.invalidate([key]);
  for (let sample = 0; sample < 4; sample += 1) load.noteLag(60_000);
  expect(await (await edge.ask(path)).json()).toMatchObject({ title: "Old lamp" });
  for (let sample = 0; sample < 4; sample += 1) load.noteLag(0);
  expect(await (await edge.ask(path)).json()).toMatchObject({ title: "New lamp" });
});

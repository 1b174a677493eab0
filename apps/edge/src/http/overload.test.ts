import { expect, test } from "bun:test";
import { keys } from "@stoa/read-models";
import { edgeUnderTest, eventually } from "../testing/edge-under-test.ts";
import { cartView, productView, summaryView } from "../testing/fixtures.ts";

const CROWD = 400;

/** An edge whose core answers carts when the test says so. */
async function busyEdge() {
  const edge = await edgeUnderTest();
  await edge.seedShop();
  const gate = Promise.withResolvers<void>();
  const state = { isBusy: true };
  edge.core.on("carts.create", async () => {
    if (state.isBusy) await gate.promise;
    return cartView();
  });
  const recover = () => {
    state.isBusy = false;
    gate.resolve();
  };
  return { edge, recover };
}

test("when core has more to do than it can, carts are turned away at the door, the rest goes on, and all are served again after", async () => {
  const { edge, recover } = await busyEdge();
  await using _ = edge;
  const product = summaryView();
  await edge.seed(keys.product("USD", product.slug), productView(product));
  const crowd = Array.from({ length: CROWD }, () => edge.ask("/v1/carts", { body: {} }));
  const refused: Response[] = [];
  for (const call of crowd) call.then((answer) => answer.status === 503 && refused.push(answer));
  await eventually(() => expect(refused.length).toBeGreaterThan(CROWD / 2));
  const late = await edge.ask("/v1/carts", { raw: "not read, or this would be a 400" });
  expect([late.status, await late.json()]).toMatchObject([503, { code: "service_unavailable" }]);
  for (const answer of refused) expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(0);
  for (const path of [`/v1/products/${product.slug}`, "/healthz"]) expect((await edge.ask(path)).status).toBe(200);

  recover();
  const statuses = (await Promise.all(crowd)).map((answer) => answer.status);
  expect(new Set(statuses)).toEqual(new Set([201, 503]));
  for (let n = 0; n < 20; n += 1) expect((await edge.ask("/v1/carts", { body: {} })).status).toBe(201);
});

test("a call whose caller has gone while it waited for its turn never reaches core", async () => {
  const { edge, recover } = await busyEdge();
  await using _ = edge;
  const staying = Array.from({ length: 32 }, () => edge.ask("/v1/carts", { body: {} }));
  await eventually(() => expect(edge.core.calls).toHaveLength(32));
  const caller = new AbortController();
  const leaving = edge.ask("/v1/carts", { body: {}, signal: caller.signal });
  await eventually(() => expect(edge.parts.deps.dependencies().core?.waiting).toBe(1));
  caller.abort();
  recover();
  await Promise.all([...staying, leaving]);
  expect(edge.core.calls).toHaveLength(32);
});

import { expect, test } from "bun:test";
import { freePort } from "@stoa/devstack";
import { edgeUnderTest } from "../testing/edge-under-test.ts";

test("a Redis that is away is not asked for every request, and its state is told to whoever asks whether edge is ready", async () => {
  await using edge = await edgeUnderTest({ redisUrl: `redis://127.0.0.1:${await freePort()}` });
  for (let call = 0; call < 6; call += 1) {
    const answer = await edge.ask("/v1/categories");
    expect(answer.status).toBe(503);
    expect(answer.headers.get("retry-after")).toBe("1");
  }
  const ready = await edge.ask("/readyz");
  expect(ready.status).toBe(503);
  expect(await ready.json()).toMatchObject({
    ok: false,
    checks: { redis: { ok: false } },
    dependencies: { redis: { breaker: "open" }, core: { breaker: "closed", running: 0, waiting: 0 } },
  });
});

import { expect, test } from "bun:test";
import { createMetrics } from "./prometheus.ts";

test("observations show up in the text under the route's template", async () => {
  const metrics = createMetrics({ app: "edge" });
  metrics.observeHttp({ route: "/v1/products/{slug}", method: "GET", status: 200, durationSeconds: 0.004 });
  const calls = metrics.counter({ name: "core_calls_total", help: "Calls to core.", labels: ["kind"] });
  calls({ kind: "ok" });
  calls({ kind: "ok" }, 2);
  metrics.gauge({ name: "cache_bytes", help: "Bytes held.", labels: [] })({}, 7);
  metrics.histogram({ name: "wait_seconds", help: "Waits.", labels: ["what"], buckets: [1] })({ what: "order" }, 0.5);
  const text = await metrics.metricsText();
  const labels = { app: "edge", route: "/v1/products/{slug}", method: "GET", status: "200" };
  const http = (name: string, le?: string) =>
    sampleOf(text, `http_request_duration_seconds_${name}`, { ...labels, ...(le ? { le } : {}) });
  expect([http("bucket", "0.0025"), http("bucket", "0.005"), http("bucket", "+Inf")]).toEqual([0, 1, 1]);
  expect([http("sum"), http("count")]).toEqual([0.004, 1]);
  expect(text).toContain('core_calls_total{kind="ok",app="edge"} 3');
  expect(text).toContain('cache_bytes{app="edge"} 7');
  expect(text).toContain('wait_seconds_count{app="edge",what="order"} 1');
});

/** The value of a sample by its labels, in whatever order they stand; null when there is none. */
function sampleOf(text: string, name: string, labels: Readonly<Record<string, string>>): number | null {
  const wanted = JSON.stringify(Object.entries(labels).sort());
  for (const [, found = "", value] of text.matchAll(new RegExp(`^${name}{(.*)} (.*)$`, "gm"))) {
    const pairs = [...found.matchAll(/(\w+)="([^"]*)"/g)].map(([, label, text]) => [label, text]);
    if (JSON.stringify(pairs.sort()) === wanted) return Number(value);
  }
  return null;
}

test("gauges that tell how things stand are brought up to date before each reading", async () => {
  const metrics = createMetrics({ app: "test" });
  const waiting = metrics.gauge({ name: "calls_waiting", help: "Calls.", labels: ["dependency"] });
  let count = 3;
  metrics.onReading(() => waiting({ dependency: "core" }, count));
  expect(await metrics.metricsText()).toContain('calls_waiting{dependency="core",app="test"} 3');
  count = 0;
  expect(await metrics.metricsText()).toContain('calls_waiting{dependency="core",app="test"} 0');
});

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
  expect(text).toContain('http_request_duration_seconds_bucket{le="0.005",app="edge",route="/v1/products/{slug}"');
  expect(text).toContain('core_calls_total{kind="ok",app="edge"} 3');
  expect(text).toContain('cache_bytes{app="edge"} 7');
  expect(text).toContain('wait_seconds_count{app="edge",what="order"} 1');
});

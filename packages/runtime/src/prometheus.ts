import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import { HttpHistogram } from "./http-histogram.ts";
import type { Metrics } from "./metrics.ts";

export const METRICS_CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

/** Bun walks the whole heap to answer these, at every reading and while nothing else runs, and knows none of V8's spaces. */
const HEAP_WALKS = ["total", "used", "available"].map((part) => `nodejs_heap_space_size_${part}_bytes`);

/** A registry of the app's own, with the process metrics of prom-client and `http_request_duration_seconds`. */
export function createMetrics(options: { readonly app: string }): Metrics {
  const registry = new Registry();
  registry.setDefaultLabels({ app: options.app });
  collectDefaultMetrics({ register: registry });
  for (const name of HEAP_WALKS) registry.removeSingleMetric(name);
  const registers = [registry];
  const updates: (() => void)[] = [];
  const http = new HttpHistogram();
  registry.registerMetric(http as unknown as Histogram);
  return {
    observeHttp: (observation) => http.observe(observation),
    counter: ({ name, help, labels }) => {
      const counter = new Counter({ name, help, labelNames: labels, registers });
      return (values, by = 1) => counter.inc(values, by);
    },
    gauge: ({ name, help, labels }) => {
      const gauge = new Gauge({ name, help, labelNames: labels, registers });
      return (values, value) => gauge.set(values, value);
    },
    histogram: ({ name, help, labels, buckets }) => {
      const bounds = buckets ? { buckets: [...buckets] } : {};
      const histogram = new Histogram({ name, help, labelNames: labels, ...bounds, registers });
      return (values, value) => histogram.observe(values, value);
    },
    onReading: (update) => {
      updates.push(update);
    },
    metricsText: () => {
      for (const update of updates) update();
      return registry.metrics();
    },
  };
}

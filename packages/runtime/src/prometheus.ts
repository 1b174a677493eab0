import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import type { HttpObservation, Metrics } from "./metrics.ts";

const HTTP_BUCKETS_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 1.5, 2.5, 5, 10];

export const METRICS_CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

/** A registry of the app's own, with the process metrics of prom-client and `http_request_duration_seconds`. */
export function createMetrics(options: { readonly app: string }): Metrics {
  const registry = new Registry();
  registry.setDefaultLabels({ app: options.app });
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  const http = new Histogram({
    name: "http_request_duration_seconds",
    help: "Time from the request's arrival to its answer, by route template.",
    labelNames: ["route", "method", "status"],
    buckets: HTTP_BUCKETS_SECONDS,
    registers,
  });
  return {
    observeHttp: ({ route, method, status, durationSeconds }: HttpObservation) =>
      http.observe({ route, method, status }, durationSeconds),
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
    metricsText: () => registry.metrics(),
  };
}

import type { Logger, Metrics } from "@stoa/runtime";
import type { SagaObserver } from "./platform/saga/index.ts";

export interface SagaObservers extends SagaObserver {
  /** How many wait for somebody to look, as things stand. */
  stuck(count: number): void;
}

export function sagaObservers(logger: Logger, metrics: Metrics): SagaObservers {
  const stuck = metrics.gauge({ name: "sagas_stuck", help: "Sagas that wait for somebody to look", labels: [] });
  const runs = metrics.counter({
    name: "saga_rests_total",
    help: "Runs of sagas, by the state in which they came to rest",
    labels: ["type", "state"],
  });
  const failures = metrics.counter({
    name: "saga_step_failures_total",
    help: "Steps that failed and are tried again, unwound or stuck",
    labels: ["type", "step"],
  });
  const age = metrics.histogram({
    name: "saga_age_seconds",
    help: "Age of a saga when it ended",
    labels: ["type", "state"],
    buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 30, 300, 1_800, 86_400],
  });
  const turns = metrics.histogram({
    name: "saga_turn_seconds",
    help: "One transaction of a saga, from asking for a connection to its commit",
    labels: ["type"],
  });
  return {
    stuck: (count) => stuck({}, count),
    turned: ({ type, durationMs }) => turns({ type }, durationMs / 1_000),
    stepFailed({ type, step, key: orderId, sagaId, attempts, error }) {
      failures({ type, step });
      logger.warn("a saga's step failed", { type, step, orderId, sagaId, attempts, error });
    },
    rested({ type, state, key: orderId, sagaId, ageMs }) {
      runs({ type, state });
      if (state === "done" || state === "unwound") age({ type, state }, ageMs / 1_000);
      if (state === "stuck") logger.error("a saga is stuck and needs somebody to look", { type, orderId, sagaId });
      else logger.info("a saga came to rest", { type, state, orderId, sagaId, ageMs });
    },
  };
}

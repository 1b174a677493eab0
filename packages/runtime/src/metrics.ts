export interface HttpObservation {
  /** The route's template, never the path itself: labels must stay few. */
  readonly route: string;
  readonly method: string;
  readonly status: number;
  readonly durationSeconds: number;
}

export interface MetricDefinition<L extends string> {
  /** snake_case with its unit last, e.g. `core_calls_total`, `relay_lag_seconds`. */
  readonly name: string;
  readonly help: string;
  readonly labels: readonly L[];
}

export interface HistogramDefinition<L extends string> extends MetricDefinition<L> {
  /** Upper bounds of the buckets, in the metric's unit. */
  readonly buckets?: readonly number[];
}

export type Labels<L extends string> = Readonly<Record<L, string>>;

/** What an app counts and measures. Each name may be defined once. */
export interface Metrics {
  observeHttp(observation: HttpObservation): void;
  /** Answers a function that adds `by` (default 1). */
  counter<L extends string>(definition: MetricDefinition<L>): (labels: Labels<L>, by?: number) => void;
  /** Answers a function that sets the value. */
  gauge<L extends string>(definition: MetricDefinition<L>): (labels: Labels<L>, value: number) => void;
  /** Answers a function that records one value. */
  histogram<L extends string>(definition: HistogramDefinition<L>): (labels: Labels<L>, value: number) => void;
  /** Calls back before each reading, for gauges that tell how things stand just then. */
  onReading(update: () => void): void;
  /** All of it in Prometheus' text format. */
  metricsText(): Promise<string>;
}

/** Counts nothing; for tests and for Workers, where a process of its own to scrape does not exist. */
export const noMetrics: Metrics = {
  observeHttp: () => {},
  counter: () => () => {},
  gauge: () => () => {},
  histogram: () => () => {},
  onReading: () => {},
  metricsText: async () => "",
};

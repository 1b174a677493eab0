import type { Registry } from "prom-client";
import type { HttpObservation } from "./metrics.ts";

const BUCKETS_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 1.5, 2.5, 5, 10] as const;
const NAME = "http_request_duration_seconds";

interface Series {
  readonly labels: { readonly route: string; readonly method: string; readonly status: number };
  /** Observations by bucket, the last for those above all bounds; not summed up. */
  readonly counts: number[];
  sum: number;
}

type Sample = Awaited<ReturnType<Parameters<Registry["registerMetric"]>[0]["get"]>>["values"][number];

/**
 * The time from a request's arrival to its answer. prom-client's own histogram sorts and hashes its labels with every observation,
 * which costs as much as all else that edge does for an answer it holds; here a series is found by one look-up.
 */
export class HttpHistogram {
  readonly name = NAME;
  readonly help = "Time from the request's arrival to its answer, by route template.";
  readonly type = "histogram" as const;
  readonly aggregator = "sum" as const;
  readonly #byRoute = new Map<string, Map<string, Map<number, Series>>>();

  observe(observation: HttpObservation): void {
    const { durationSeconds } = observation;
    const series = this.#seriesOf(observation);
    let bucket = 0;
    while (bucket < BUCKETS_SECONDS.length && durationSeconds > (BUCKETS_SECONDS[bucket] ?? 0)) bucket += 1;
    series.counts[bucket] = (series.counts[bucket] ?? 0) + 1;
    series.sum += durationSeconds;
  }

  #seriesOf({ route, method, status }: HttpObservation): Series {
    const byMethod = this.#byRoute.get(route) ?? new Map<string, Map<number, Series>>();
    const byStatus = byMethod.get(method) ?? new Map<number, Series>();
    const known = byStatus.get(status);
    if (known) return known;
    const counts = new Array<number>(BUCKETS_SECONDS.length + 1).fill(0);
    const series = { labels: { route, method, status }, counts, sum: 0 };
    this.#byRoute.set(route, byMethod.set(method, byStatus.set(status, series)));
    return series;
  }

  /** In the form in which a registry of prom-client asks for it. */
  get() {
    const all = [...this.#byRoute.values()].flatMap((byMethod) => [...byMethod.values()]);
    const values = all.flatMap((byStatus) => [...byStatus.values()].flatMap(samplesOf));
    const { name, help, type, aggregator } = this;
    return { name, help, type, aggregator, values };
  }
}

function samplesOf({ labels, counts, sum }: Series): Sample[] {
  let below = 0;
  const buckets = counts.map((count, bucket) => {
    below += count;
    const le = BUCKETS_SECONDS[bucket] ?? "+Inf";
    return { metricName: `${NAME}_bucket`, labels: { le, ...labels }, value: below };
  });
  return [
    ...buckets,
    { metricName: `${NAME}_sum`, labels, value: sum },
    { metricName: `${NAME}_count`, labels, value: below },
  ];
}

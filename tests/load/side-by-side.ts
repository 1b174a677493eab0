/** What one run of requests measured: per second, and the time of one in milliseconds. */
export interface Measured {
  readonly calls: number;
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
}

export interface MeasureOptions {
  readonly inFlight: number;
  readonly seconds: number;
  /** Ends sooner, once so many calls have begun. */
  readonly calls?: number | undefined;
}

/** Keeps `inFlight` calls going for a while and measures each. A call that throws ends the run. */
export async function measure(call: (n: number) => Promise<void>, options: MeasureOptions): Promise<Measured> {
  const times: number[] = [];
  const startedAt = performance.now();
  const until = startedAt + options.seconds * 1_000;
  let n = 0;
  const lane = async () => {
    while (performance.now() < until && n < (options.calls ?? Number.POSITIVE_INFINITY)) {
      const from = performance.now();
      n += 1;
      await call(n);
      times.push(performance.now() - from);
    }
  };
  await Promise.all(Array.from({ length: options.inFlight }, lane));
  const seconds = (performance.now() - startedAt) / 1_000;
  times.sort((left, right) => left - right);
  const at = (share: number) => times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0;
  return { calls: times.length, perSecond: times.length / seconds, p50: at(0.5), p99: at(0.99) };
}

/** The mean of two measurements of the same thing. */
export function between(one: Measured, other: Measured): Measured {
  const mean = (of: (measured: Measured) => number) => (of(one) + of(other)) / 2;
  return {
    calls: one.calls + other.calls,
    perSecond: mean((m) => m.perSecond),
    p50: mean((m) => m.p50),
    p99: mean((m) => m.p99),
  };
}

/** One line of the report: the figures, and what part of the yardstick's rate they reach. */
export function line(name: string, measured: Measured, yardstick?: Measured): string {
  const { perSecond, p50, p99 } = measured;
  const ratio = yardstick ? `  ${((100 * perSecond) / yardstick.perSecond).toFixed(1)} % of the yardstick` : "";
  const figures = [`${perSecond.toFixed(0)}/s`, `p50 ${p50.toFixed(2)} ms`, `p99 ${p99.toFixed(2)} ms`];
  return `${name.padEnd(34)} ${figures.map((figure) => figure.padStart(13)).join(" ")}${ratio}`;
}

import { parseDuration } from "./durations.ts";
import { QstashRefusal } from "./errors.ts";

/** What a flow-control key allows. Null means no limit of that kind. */
export interface FlowLimits {
  readonly parallelism: number | null;
  readonly rate: number | null;
  readonly periodSeconds: number;
}

/** Settings of a key that outlive its messages. */
export interface FlowSettings {
  readonly paused: boolean;
  readonly pinnedParallelism: number | null;
  readonly pinnedRate: number | null;
  readonly pinnedPeriodSeconds: number | null;
}

export const OPEN_FLOW: FlowSettings = {
  paused: false,
  pinnedParallelism: null,
  pinnedRate: null,
  pinnedPeriodSeconds: null,
};

/** Reads `parallelism=5, rate=10, period=1m`; an unknown word or a value below 1 is refused with 400. */
export function parseFlowControl(text: string): FlowLimits {
  let parallelism: number | null = null;
  let rate: number | null = null;
  let periodSeconds = 1;
  for (const part of text.split(",")) {
    const [name, value = ""] = part.trim().split("=");
    if (name === "parallelism") parallelism = positive(value, text);
    else if (name === "rate" || name === "ratePerSecond") rate = positive(value, text);
    else if (name === "period") periodSeconds = parseDuration(value, "flow control period") / 1_000;
    else throw new QstashRefusal(400, `invalid flow control value: ${text.slice(0, 100)}`);
  }
  if (parallelism === null && rate === null) {
    throw new QstashRefusal(400, "flow control needs a parallelism or a rate");
  }
  return { parallelism, rate, periodSeconds };
}

function positive(value: string, text: string): number {
  const number = Number(value);
  if (!Number.isInteger(number) || number < 1) {
    throw new QstashRefusal(400, `invalid flow control value: ${text.slice(0, 100)}`);
  }
  return number;
}

/** One key at work: who runs, what the current period has used, and who waits. */
export class Flow<Entry> {
  readonly waiting: Entry[] = [];
  active = 0;
  periodStartMs = 0;
  periodCount = 0;
  settings: FlowSettings = OPEN_FLOW;
  #sent: FlowLimits = { parallelism: null, rate: null, periodSeconds: 1 };

  constructor(
    readonly key: string,
    readonly timeScale: number,
  ) {}

  /** The latest message decides, except where a limit is pinned. */
  configure(value: string | null): void {
    if (value !== null) this.#sent = parseFlowControl(value);
  }

  get limits(): FlowLimits {
    const { pinnedParallelism, pinnedRate, pinnedPeriodSeconds } = this.settings;
    return {
      parallelism: pinnedParallelism ?? this.#sent.parallelism,
      rate: pinnedRate ?? this.#sent.rate,
      periodSeconds: (pinnedRate === null ? null : pinnedPeriodSeconds) ?? this.#sent.periodSeconds,
    };
  }

  /** Null when one more may start now; otherwise when to ask again: a time, or infinity when only an event can open it. */
  closedUntil(nowMs: number): number | null {
    const { parallelism, rate, periodSeconds } = this.limits;
    if (this.settings.paused) return Number.POSITIVE_INFINITY;
    if (parallelism !== null && this.active >= parallelism) return Number.POSITIVE_INFINITY;
    if (rate === null) return null;
    const periodEndMs = this.periodStartMs + periodSeconds * 1_000 * this.timeScale;
    if (nowMs >= periodEndMs) this.resetPeriod(nowMs);
    return this.periodCount < rate ? null : this.periodStartMs + periodSeconds * 1_000 * this.timeScale;
  }

  started(): void {
    this.active += 1;
    this.periodCount += 1;
  }

  finished(): void {
    this.active -= 1;
  }

  resetPeriod(nowMs: number): void {
    this.periodStartMs = nowMs;
    this.periodCount = 0;
  }
}

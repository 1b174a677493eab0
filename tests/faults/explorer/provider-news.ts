import type { FaultPlan } from "./faults.ts";
import type { Life, Scheduler } from "./scheduler.ts";

export interface NewsOptions {
  readonly scheduler: Scheduler;
  readonly stripe: { readonly url: string; readonly secretKey: string };
  readonly faults: () => FaultPlan;
  readonly receiver: () => { readonly life: Life; hear(rawBody: string): Promise<void> } | null;
}

const DELAY_MS_MAX = 200;
const LATE_MS_MAX = 25_000;
const RETRY_MS = 1_000;
const TRIES_MAX = 5;

/** Stripe's events on their way to core: before the answer or long after it, twice, in any order, or never. */
export class ProviderNews {
  readonly #told = new Set<string>();
  // Taken before anybody puts gates around it: looking for news is no act of the shop.
  readonly #fetch = globalThis.fetch;

  constructor(readonly options: NewsOptions) {}

  /** Looks for events that have come since, and sends them on their way. */
  async collect(): Promise<void> {
    const { stripe } = this.options;
    const headers = { authorization: `Bearer ${stripe.secretKey}` };
    const answer = await this.#fetch(`${stripe.url}/v1/events?limit=100`, { headers });
    const { data } = (await answer.json()) as { readonly data: readonly { readonly id: string }[] };
    for (const event of [...data].reverse()) {
      if (this.#told.has(event.id)) continue;
      this.#told.add(event.id);
      this.#send(JSON.stringify(event));
    }
  }

  #send(rawBody: string): void {
    const { scheduler, faults } = this.options;
    const plan = faults();
    const { stream } = scheduler;
    const delay = () => (stream.chance(plan.delay) ? stream.between(1, LATE_MS_MAX) : stream.between(1, DELAY_MS_MAX));
    if (!stream.chance(plan.lose)) this.#deliver(rawBody, delay(), 1);
    if (stream.chance(plan.duplicate)) this.#deliver(rawBody, delay(), 1);
  }

  #deliver(rawBody: string, delayMs: number, attempt: number): void {
    const { scheduler, receiver } = this.options;
    scheduler.at(delayMs, "event", () => {
      const again = () => {
        if (attempt < TRIES_MAX) this.#deliver(rawBody, RETRY_MS * 2 ** attempt, attempt + 1);
      };
      const to = receiver();
      if (!to) return again();
      let isHeard = false;
      const work = async () => {
        try {
          await to.hear(rawBody);
          isHeard = true;
        } finally {
          if (!isHeard) again();
        }
      };
      scheduler.spawn("event", to.life, work, () => undefined);
    });
  }
}

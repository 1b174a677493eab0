import type { Life } from "./activity.ts";
import type { FaultPlan } from "./faults.ts";
import type { Scheduler } from "./scheduler.ts";

export interface NewsOptions {
  readonly scheduler: Scheduler;
  readonly stripe: { readonly url: string; readonly secretKey: string };
  readonly paypal: { readonly url: string; readonly clientId: string; readonly clientSecret: string };
  readonly faults: () => FaultPlan;
  readonly receiver: () => { readonly life: Life; hear(event: ToldEvent): Promise<void> } | null;
}

export interface ToldEvent {
  readonly provider: "stripe" | "paypal";
  readonly rawBody: string;
}

interface Event {
  readonly id: string;
}

const DELAY_MS_MAX = 200;
const LATE_MS_MAX = 25_000;
const RETRY_MS = 1_000;
const TRIES_MAX = 5;

/** The providers' events on their way to core: before the answer or long after it, twice, in any order, or never. */
export class ProviderNews {
  readonly #told = new Set<string>();
  // Taken before anybody puts gates around it: looking for news is no act of the shop.
  readonly #fetch = globalThis.fetch;
  #paypalToken: string | null = null;

  constructor(readonly options: NewsOptions) {}

  /** Looks for events that have come since, and sends them on their way. */
  async collect(): Promise<void> {
    const { stripe, paypal } = this.options;
    const { data } = await this.#get<{ data: readonly Event[] }>(`${stripe.url}/v1/events?limit=100`, stripe.secretKey);
    this.#tell("stripe", data);
    const url = `${paypal.url}/v1/notifications/webhooks-events?page_size=100`;
    const { events } = await this.#get<{ events: readonly Event[] }>(url, await this.#tokenOfPaypal());
    this.#tell("paypal", events);
  }

  /** Newest first, as providers list them. */
  #tell(provider: ToldEvent["provider"], events: readonly Event[]): void {
    for (const event of [...events].reverse()) {
      if (this.#told.has(event.id)) continue;
      this.#told.add(event.id);
      this.#send({ provider, rawBody: JSON.stringify(event) });
    }
  }

  async #get<Answer>(url: string, token: string): Promise<Answer> {
    const answer = await this.#fetch(url, { headers: { authorization: `Bearer ${token}` } });
    return (await answer.json()) as Answer;
  }

  async #tokenOfPaypal(): Promise<string> {
    const { url, clientId, clientSecret } = this.options.paypal;
    if (this.#paypalToken === null) {
      const headers = { authorization: `Basic ${btoa(`${clientId}:${clientSecret}`)}` };
      const body = new URLSearchParams({ grant_type: "client_credentials" });
      const answer = await this.#fetch(`${url}/v1/oauth2/token`, { method: "POST", headers, body });
      this.#paypalToken = ((await answer.json()) as { readonly access_token: string }).access_token;
    }
    return this.#paypalToken;
  }

  #send(event: ToldEvent): void {
    const { scheduler, faults } = this.options;
    const plan = faults();
    const { stream } = scheduler;
    const delay = () => (stream.chance(plan.delay) ? stream.between(1, LATE_MS_MAX) : stream.between(1, DELAY_MS_MAX));
    if (!stream.chance(plan.lose)) this.#deliver(event, delay(), 1);
    if (stream.chance(plan.duplicate)) this.#deliver(event, delay(), 1);
  }

  #deliver(event: ToldEvent, delayMs: number, attempt: number): void {
    const { scheduler, receiver } = this.options;
    scheduler.at(delayMs, "event", () => {
      const again = () => {
        if (attempt < TRIES_MAX) this.#deliver(event, RETRY_MS * 2 ** attempt, attempt + 1);
      };
      const to = receiver();
      if (!to) return again();
      let isHeard = false;
      const work = async () => {
        try {
          await to.hear(event);
          isHeard = true;
        } finally {
          if (!isHeard) again();
        }
      };
      scheduler.spawn("event", to.life, work, () => undefined);
    });
  }
}

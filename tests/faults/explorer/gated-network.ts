import { currentActivity } from "./activity.ts";
import type { FaultPlan } from "./faults.ts";
import type { Scheduler } from "./scheduler.ts";

export interface NetworkOptions {
  readonly scheduler: Scheduler;
  /** Calls to these origins pass gates; all others go straight through. */
  readonly origins: readonly string[];
  readonly faults: () => FaultPlan;
  readonly before: (label: string) => Promise<void>;
  /** Told after every call that reached the provider, whether or not anybody heard the answer. */
  readonly reached: () => Promise<void>;
}

const LATE_MS_MAX = 30_000;
/** What the providers call their objects; no two runs have the same. */
const IDS = /(?<=_)[A-Za-z0-9]{8,}|(?<=\/)[A-Z0-9]{17}(?=\/|$)/g;

type Fetch = typeof fetch;

/**
 * Takes the place of `fetch` for the calls to a provider: late, twice, lost before the effect, lost after it.
 * Gives back the way it was. What has been sent happens, whoever is killed meanwhile.
 */
export function gateNetwork(options: NetworkOptions): () => void {
  const real = globalThis.fetch;
  const gated: Fetch = Object.assign(
    (input: Parameters<Fetch>[0], init?: Parameters<Fetch>[1]) => {
      const url = input instanceof Request ? input.url : String(input);
      const isGated = currentActivity() !== undefined && options.origins.some((origin) => url.startsWith(origin));
      if (!isGated) return real(input, init);
      return send(options, real, input instanceof Request ? new Request(input, init) : new Request(url, init));
    },
    { preconnect: real.preconnect },
  );
  globalThis.fetch = gated;
  return () => {
    globalThis.fetch = real;
  };
}

async function send(options: NetworkOptions, real: Fetch, request: Request): Promise<Response> {
  const { scheduler, before, reached } = options;
  const activity = currentActivity();
  const label = `${request.method} ${new URL(request.url).pathname.replace(IDS, "…")}`;
  const body = request.body === null ? null : await request.text();
  const url = request.url;
  const perform = async () => {
    const answer = await real(url, { method: request.method, headers: request.headers, body });
    const text = await answer.text();
    return { text, status: answer.status, headers: answer.headers };
  };
  await before(label);
  const faults = options.faults();
  const drawn = (chance: number) => activity?.stream.chance(chance) ?? false;
  const isRead = request.method === "GET";
  if (drawn(faults.loseRequest)) throw new TypeError("the connection was closed before the request left");
  if (drawn(faults.fail)) return failure(drawn(0.5) ? 500 : 429);
  if (!isRead && drawn(faults.late)) {
    const delayMs = activity?.stream.between(1, LATE_MS_MAX) ?? 0;
    scheduler.at(delayMs, `late ${label}`, () =>
      scheduler.spawn(`late ${label}`, null, () => late(options, perform), giveUp),
    );
    throw new TypeError("the connection was closed while the answer was awaited");
  }
  const isLost = drawn(faults.loseAnswer);
  const isTwice = drawn(faults.twice);
  const answer = await scheduler.inFlight(async () => {
    const first = await perform();
    const last = isTwice ? await perform() : first;
    if (!isRead) await reached();
    return last;
  });
  await before(`answer to ${label}`);
  if (isLost) throw new TypeError("the connection was closed before the answer came");
  return new Response(answer.text, { status: answer.status, headers: answer.headers });
}

async function late({ scheduler, reached }: NetworkOptions, perform: () => Promise<unknown>): Promise<void> {
  await scheduler.gate("arrives");
  await scheduler.inFlight(async () => {
    await perform();
    await reached();
  });
  await scheduler.gate("done");
}

function failure(status: number): Response {
  const error = { type: "api_error", message: "out of order", code: status === 429 ? "rate_limit" : "api_error" };
  return Response.json({ error }, { status, headers: { "retry-after": "1" } });
}

function giveUp(error: unknown): void {
  throw error;
}

import type { Clock } from "@stoa/kernel";
import type { Logger, Metrics, ResilienceEvent } from "@stoa/runtime";
import type { CoreConfig } from "./config.ts";
import type { Database } from "./platform/db/index.ts";
import {
  type CallRecord,
  createCallLog,
  createManualProvider,
  createPaypalProvider,
  createProviderStandings,
  createStripeProvider,
  type PaymentProvider,
  type ProviderName,
} from "./services/payments/index.ts";

export interface ProvidersOptions {
  readonly config: CoreConfig;
  readonly clock: Clock;
  readonly db: Database;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

const GATHER_CALLS_MS = 250;

/** The payment providers of which the environment holds credentials, and the log of every call to them. */
export function createProviders(options: ProvidersOptions) {
  const { config, clock, db, logger } = options;
  const callLog = createCallLog({
    db,
    clock,
    gatherMs: GATHER_CALLS_MS,
    onLost: (records, error) => logger.error("records of provider calls were lost", { records, error }),
  });
  const standings = createProviderStandings(clock);
  const { observe, measure } = observers(options.metrics);
  const shared = {
    clock,
    observe,
    record: (call: CallRecord) => {
      measure(call);
      standings.record(call);
      callLog.record(call);
    },
  };
  const providers = new Map<ProviderName, PaymentProvider>([["manual", createManualProvider()]]);
  if (config.STRIPE_SECRET_KEY) {
    const credentials = { apiUrl: config.STRIPE_API_URL, secretKey: config.STRIPE_SECRET_KEY };
    const requestsPerSecond = config.STRIPE_REQUESTS_PER_SECOND;
    providers.set("stripe", createStripeProvider({ ...shared, ...credentials, requestsPerSecond }));
  }
  const { PAYPAL_CLIENT_ID: clientId, PAYPAL_CLIENT_SECRET: clientSecret } = config;
  const paypal =
    clientId && clientSecret
      ? createPaypalProvider({ ...shared, apiUrl: config.PAYPAL_API_URL, clientId, clientSecret })
      : null;
  if (paypal) providers.set("paypal", paypal);
  return { providers, standings, paypal, callLog };
}

function observers(metrics: Metrics) {
  const seconds = metrics.histogram({
    name: "provider_call_seconds",
    help: "Calls to payment providers by operation and outcome",
    labels: ["provider", "operation", "outcome"],
  });
  const events = metrics.counter({
    name: "provider_guard_events_total",
    help: "What the guard before a provider did: retries, time-outs, its circuit opening and closing",
    labels: ["provider", "event"],
  });
  return {
    measure: ({ provider, operation, outcome, latencyMs }: CallRecord) =>
      seconds({ provider, operation, outcome }, latencyMs / 1_000),
    observe: ({ dependency: provider, kind: event }: ResilienceEvent) => {
      if (event !== "ok") events({ provider, event });
    },
  };
}

import type { Clock } from "@stoa/kernel";
import { Faults } from "../faults.ts";
import { doChores } from "../payment-page/chores.ts";
import { openDoor } from "../payment-page/http-door.ts";
import { openDatabase } from "../payment-page/record-store.ts";
import { standInClock } from "../payment-page/stand-in-clock.ts";
import { startCourier } from "../payment-page/webhook-courier.ts";
import type { RunningService, StandInOptions } from "../service.ts";
import { openAccount } from "./account.ts";
import { failureAnswer, tooLargeAnswer } from "./answers.ts";
import { createApi } from "./api.ts";
import { idempotencyKeys } from "./idempotency.ts";
import { webhookHeaders } from "./signature.ts";

const BODY_BYTES_MAX = 256 * 1024;

export interface StripeOptions extends StandInOptions {
  /** What `Authorization: Bearer …` must carry. */
  readonly secretKey: string;
  readonly webhookSecret: string;
  /** Where events are delivered; null delivers none. */
  readonly webhookUrl: string | null;
  /** Types of events that the endpoint is registered for, such as `refund.*`. Default all. */
  readonly webhookEvents?: readonly string[] | undefined;
  /** The hour of the account; the system's by default. */
  readonly clock?: Clock;
}

export interface StripeStandIn extends RunningService {
  readonly port: number;
  readonly faults: Faults | null;
}

/**
 * Starts a stand-in for Stripe's API in test mode: payment intents, charges, refunds, disputes, events and signed webhooks.
 * Point the official client at it with `host: "127.0.0.1"`, `port`, `protocol: "http"`.
 * With a `dataDir`, what was answered and the webhooks that are owed survive a killed process.
 */
export async function startStripe(options: StripeOptions): Promise<StripeStandIn> {
  const faults = options.faults === undefined ? null : new Faults(options.faults.seed);
  const database = openDatabase(options.dataDir, "stripe");
  const door = await openDoor({
    port: options.port,
    bodyBytesMax: BODY_BYTES_MAX,
    handle: (request) => api.handle(request),
    tooLarge: tooLargeAnswer(),
    broken: failureAnswer,
  }).catch((error: unknown) => {
    database.close();
    throw error;
  });
  const courier = startCourier({
    database,
    url: options.webhookUrl,
    headersFor: (body) => webhookHeaders(options.webhookSecret, body),
    faults,
  });
  const api = createApi({
    database,
    account: openAccount(database, courier, options.webhookEvents),
    keys: idempotencyKeys(database),
    secretKey: options.secretKey,
    clock: standInClock(options.clock),
    faults,
    baseUrl: door.url,
  });
  const chores = doChores(api);
  let stopped: Promise<void> | null = null;
  const stop = async () => {
    chores[Symbol.dispose]();
    await door.close();
    await courier.stop();
    database.close();
  };
  return {
    name: "stripe",
    rung: "embedded",
    description: "Stripe test mode (stand-in)",
    url: door.url,
    port: door.port,
    faults,
    stop: () => {
      stopped ??= stop();
      return stopped;
    },
    [Symbol.asyncDispose]: () => {
      stopped ??= stop();
      return stopped;
    },
  };
}

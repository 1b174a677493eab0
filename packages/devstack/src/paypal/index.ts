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
import { requestIds } from "./request-ids.ts";
import { CERTIFICATE_PATH, openSigner } from "./signing.ts";

const BODY_BYTES_MAX = 512 * 1024;

export interface PaypalOptions extends StandInOptions {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly webhookId: string;
  /** Where events are delivered; null delivers none. */
  readonly webhookUrl: string | null;
  /** The hour of the account; the system's by default. */
  readonly clock?: Clock;
}

export interface PaypalStandIn extends RunningService {
  readonly port: number;
  readonly faults: Faults | null;
}

/**
 * Starts a stand-in for PayPal: OAuth, Orders v2, Payments v2, saved wallets (Vault v3), disputes, the search for transactions,
 * signed webhooks and their verification, and the page on which the payer approves. The official client has no option for another host; route its requests to `url`.
 * With a `dataDir`, what was answered and the webhooks that are owed survive a killed process.
 */
export async function startPaypal(options: PaypalOptions): Promise<PaypalStandIn> {
  const faults = options.faults === undefined ? null : new Faults(options.faults.seed);
  const database = openDatabase(options.dataDir, "paypal");
  const signer = openSigner(database, options.webhookId);
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
    headersFor: (body) => signer.headersFor(body, door.url + CERTIFICATE_PATH),
    faults,
  });
  const api = createApi({
    database,
    account: openAccount(database, courier),
    requestIds: requestIds(database),
    signer,
    clientId: options.clientId,
    clientSecret: options.clientSecret,
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
  const stopOnce = () => {
    stopped ??= stop();
    return stopped;
  };
  return {
    name: "paypal",
    rung: "embedded",
    description: "PayPal sandbox (stand-in)",
    url: door.url,
    port: door.port,
    faults,
    stop: stopOnce,
    [Symbol.asyncDispose]: stopOnce,
  };
}

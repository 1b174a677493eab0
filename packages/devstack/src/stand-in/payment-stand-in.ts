import type { Database } from "bun:sqlite";
import type { Clock } from "@stoa/kernel";
import { Faults } from "../faults.ts";
import type { RunningService, StandInOptions } from "../service.ts";
import { doChores } from "./chores.ts";
import { type DoorAnswer, type DoorOutcome, type DoorRequest, openDoor } from "./http-door.ts";
import { openDatabase } from "./record-store.ts";
import { type StandInClock, standInClock } from "./stand-in-clock.ts";
import { type Courier, type CourierOptions, startCourier } from "./webhook-courier.ts";

export interface PaymentStandInOptions extends StandInOptions {
  /** Where events are delivered; null delivers none. */
  readonly webhookUrl: string | null;
  /** The hour of the account; the system's by default. */
  readonly clock?: Clock;
}

export interface PaymentStandIn extends RunningService {
  readonly port: number;
  readonly faults: Faults | null;
}

/** What an API of a payment provider works on. */
export interface ApiGround {
  readonly database: Database;
  readonly clock: StandInClock;
  readonly faults: Faults | null;
  /** The stand-in's own address, where its approval page is reached. */
  readonly baseUrl: string;
}

export interface PaymentApi {
  handle(request: DoorRequest): Promise<DoorOutcome>;
  /** Does what has become due, such as holds that end and refunds that settle. */
  sweep(): void;
  /** Forgets answers and events that the provider would have forgotten too. */
  prune(): void;
}

/** What tells one provider from another. */
export interface Vendor {
  readonly name: "paypal" | "stripe";
  readonly description: string;
  readonly bodyBytesMax: number;
  readonly tooLarge: DoorAnswer;
  readonly broken: (error: unknown) => DoorAnswer;
  /** Headers that sign a webhook, and the API, which owes its webhooks to the courier. */
  readonly open: (ground: ApiGround) => {
    readonly headersFor: CourierOptions["headersFor"];
    readonly createApi: (courier: Courier) => PaymentApi;
  };
}

/**
 * Starts the API of a payment provider with its webhooks.
 * With a `dataDir`, what was answered and the webhooks that are owed survive a killed process.
 */
export async function startPaymentStandIn(vendor: Vendor, options: PaymentStandInOptions): Promise<PaymentStandIn> {
  const faults = options.faults === undefined ? null : new Faults(options.faults.seed);
  const database = openDatabase(options.dataDir, vendor.name);
  const door = await openDoor({
    port: options.port,
    bodyBytesMax: vendor.bodyBytesMax,
    handle: (request) => api.handle(request),
    tooLarge: vendor.tooLarge,
    broken: vendor.broken,
  }).catch((error: unknown) => {
    database.close();
    throw error;
  });
  const opened = vendor.open({ database, clock: standInClock(options.clock), faults, baseUrl: door.url });
  const courier = startCourier({ database, url: options.webhookUrl, headersFor: opened.headersFor, faults });
  const api = opened.createApi(courier);
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
    name: vendor.name,
    rung: "embedded",
    description: vendor.description,
    url: door.url,
    port: door.port,
    faults,
    stop: stopOnce,
    [Symbol.asyncDispose]: stopOnce,
  };
}

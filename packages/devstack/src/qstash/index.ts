import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { Faults } from "../faults.ts";
import { listen } from "../listen.ts";
import type { RunningService, StandInOptions } from "../service.ts";
import { Broker } from "./broker.ts";
import { createApi } from "./http.ts";
import { KeyRing } from "./keys.ts";
import { PublishFaults } from "./publish-faults.ts";
import { Scheduler } from "./scheduler.ts";
import { Settings } from "./settings.ts";
import { Store } from "./store.ts";
import { Topics } from "./topics.ts";

export interface QstashOptions extends StandInOptions {
  /** Bearer token a publisher must show. */
  readonly token: string;
  readonly currentSigningKey: string;
  readonly nextSigningKey: string;
  /** Factor on delays, retries, rate periods and schedules, so that a test need not wait. Default 1. */
  readonly timeScale?: number;
}

export interface RunningQstash extends RunningService {
  readonly port: number;
  /**
   * Null unless started with faults. Operations: "publish" (publish, enqueue, batch) and "deliver" (one attempt at a
   * destination); both know drop, delay, duplicate, reorder, fail and loseAnswer.
   */
  readonly faults: Faults | null;
}

/**
 * A queue that speaks the QStash protocol for one machine: at-least-once deliveries, signed, retried, and durable: once a
 * publish is answered, neither `kill -9` nor a power cut loses the message.
 */
export async function startQstash(options: QstashOptions): Promise<RunningQstash> {
  const timeScale = options.timeScale ?? 1;
  if (options.dataDir !== null) mkdirSync(options.dataDir, { recursive: true });
  const store = new Store(options.dataDir === null ? null : join(options.dataDir, "qstash.sqlite"));
  const faults = options.faults === undefined ? null : new Faults(options.faults.seed);
  const keys = new KeyRing(store, { current: options.currentSigningKey, next: options.nextSigningKey });
  const broker = new Broker({ store, keys, timeScale, faults });
  const settings = new Settings(store, broker.dispatcher);
  const topics = new Topics(store);
  const scheduler = new Scheduler({ store, broker, topics, timeScale });
  const services = { store, broker, scheduler, topics, keys, settings };
  const server = createApi({ token: options.token, services, publishFaults: new PublishFaults(faults) });
  const port = await listen(server, options.port).catch((error: unknown) => {
    store.close();
    throw error;
  });
  broker.resume();
  scheduler.wake();

  let stopping: Promise<void> | null = null;
  const stop = async () => {
    scheduler.stop();
    server.closeAllConnections();
    server.close();
    await broker.stop();
    store.close();
  };
  const stopOnce = () => {
    stopping ??= stop();
    return stopping;
  };
  return {
    name: "qstash",
    rung: "embedded",
    description: "QStash protocol (embedded, SQLite)",
    url: `http://127.0.0.1:${port}`,
    port,
    faults,
    stop: stopOnce,
    [Symbol.asyncDispose]: stopOnce,
  };
}

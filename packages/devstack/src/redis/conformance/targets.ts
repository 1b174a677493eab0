import { Redis } from "ioredis";
import { startRedis, startRedisBinary } from "../index.ts";

export interface Target {
  readonly name: string;
  /** A new client. It neither reconnects nor retries, and is closed with the target. */
  connect(database?: number): Redis;
  /** For every key, since a hosted server may hold others. */
  readonly prefix: string;
  stop(): Promise<void>;
}

export interface TargetSource {
  readonly name: string;
  start(): Promise<Target>;
}

const hostedUrl = process.env.TEST_REAL_REDIS_URL;
const binary = Bun.which("redis-server") ?? Bun.which("valkey-server");

/** Everything that must behave alike: our server, and a real one where there is one. */
export const targetSources: readonly TargetSource[] = [
  { name: "embedded", start: () => open("embedded", () => startRedis({ port: 0, dataDir: null })) },
  ...(binary && !hostedUrl
    ? [{ name: binary, start: () => open(binary, () => startRedisBinary({ port: 0, dataDir: null, binary })) }]
    : []),
  ...(hostedUrl
    ? [
        {
          name: "TEST_REAL_REDIS_URL",
          start: () => open("hosted", async () => ({ url: hostedUrl, stop: async () => {} })),
        },
      ]
    : []),
];

async function open(name: string, start: () => Promise<{ url: string; stop(): Promise<void> }>): Promise<Target> {
  const service = await start();
  const clients: Redis[] = [];
  return {
    name,
    prefix: `conf:${crypto.randomUUID()}:`,
    connect(db = 0) {
      const client = new Redis(service.url, { maxRetriesPerRequest: 1, retryStrategy: () => null, db });
      // A connection that a test cuts on purpose is reported by its pending command.
      client.on("error", () => undefined);
      clients.push(client);
      return client;
    },
    async stop() {
      for (const client of clients) client.disconnect();
      await service.stop();
    },
  };
}

/** Waits until the probe answers something other than null or false; fails after half a minute. */
export async function eventually<T>(probe: () => Promise<T> | T): Promise<T> {
  const deadline = Date.now() + 30_000;
  for (;;) {
    const result = await probe();
    if (result !== null && result !== false) return result;
    if (Date.now() > deadline) throw new Error("the condition was never met");
    await Bun.sleep(5);
  }
}

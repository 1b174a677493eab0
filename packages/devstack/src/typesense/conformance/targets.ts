import { Client } from "typesense";
import { startTypesense } from "../index.ts";

export interface Target {
  readonly url: string;
  readonly apiKey: string;
  /** True for our own server, which alone says what it does not support. */
  readonly embedded: boolean;
  client(apiKey?: string): Client;
  /** A name nobody else uses; its collection is dropped with the target. */
  name(base: string): string;
  stop(): Promise<void>;
}

export interface TargetSource {
  readonly name: string;
  start(): Promise<Target>;
}

const hosted = process.env.TEST_REAL_TYPESENSE_URL;
const hostedKey = process.env.TEST_REAL_TYPESENSE_API_KEY ?? "";

/** Everything that must behave alike: our server, and a real one when its URL is given. */
export const targetSources: readonly TargetSource[] = [
  {
    name: "embedded",
    async start() {
      const apiKey = "test-admin-key";
      const service = await startTypesense({ port: 0, dataDir: null, apiKey });
      return target({ url: service.url, apiKey, embedded: true, stop: () => service.stop() });
    },
  },
  ...(hosted
    ? [
        {
          name: "TEST_REAL_TYPESENSE_URL",
          start: async () => target({ url: hosted, apiKey: hostedKey, embedded: false, stop: async () => {} }),
        },
      ]
    : []),
];

/** The official client, quiet and without retries, so that each call is one call. */
export function connect(url: string, apiKey: string): Client {
  const { hostname, port, protocol } = new URL(url);
  return new Client({
    nodes: [{ host: hostname, port: Number(port), protocol: protocol.replace(":", "") }],
    apiKey,
    numRetries: 0,
    connectionTimeoutSeconds: 20,
    logLevel: "silent",
  });
}

function target(base: Pick<Target, "url" | "apiKey" | "embedded" | "stop">): Target {
  const admin = connect(base.url, base.apiKey);
  const names: string[] = [];
  return {
    ...base,
    client: (apiKey = base.apiKey) => connect(base.url, apiKey),
    name(prefix) {
      const name = `${prefix}_${crypto.randomUUID().slice(0, 8)}`;
      names.push(name);
      return name;
    },
    async stop() {
      // Whatever a test has not dropped itself would stay on a hosted server.
      for (const name of names)
        await admin
          .collections(name)
          .delete()
          .catch(() => undefined);
      await base.stop();
    },
  };
}

import { Client, Receiver } from "@upstash/qstash";
import type { FaultRule } from "../faults.ts";
import { type RunningQstash, startQstash } from "./index.ts";

const TOKEN = "test-token";
export const CURRENT_KEY = "sig_current";
export const NEXT_KEY = "sig_next";
const WAIT_MS = 30_000;

/** What a destination received. `verified` is true, or why the signature was refused. */
export interface Received {
  readonly path: string;
  readonly body: string;
  readonly headers: Headers;
  readonly verified: true | string;
}

export interface Bench extends AsyncDisposable {
  readonly qstash: RunningQstash;
  readonly client: Client;
  readonly received: Received[];
  /** Address of the destination, ending in no slash. */
  readonly destination: string;
  arm(rule: FaultRule): void;
  paths(): string[];
}

export type Reply = (request: Request, received: Received) => Response | Promise<Response>;

/** A queue whose hours are milliseconds, and a destination that checks every signature with the vendor's own receiver. */
export async function startBench(
  reply: Reply = () => new Response("ok"),
  dataDir: string | null = null,
): Promise<Bench> {
  const received: Received[] = [];
  const receiver = new Receiver({ currentSigningKey: CURRENT_KEY, nextSigningKey: NEXT_KEY });
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    async fetch(request) {
      const body = await request.text();
      const signature = request.headers.get("upstash-signature") ?? "";
      const verified = await receiver.verify({ signature, body, url: request.url }).then(
        () => true as const,
        (error: Error) => error.message,
      );
      const { pathname, search } = new URL(request.url);
      const entry = { path: pathname + search, body, headers: request.headers, verified };
      received.push(entry);
      return reply(request, entry);
    },
  });
  const qstash = await startQstash({
    port: 0,
    dataDir,
    token: TOKEN,
    currentSigningKey: CURRENT_KEY,
    nextSigningKey: NEXT_KEY,
    timeScale: 0.001,
    faults: { seed: 1 },
  });
  return {
    qstash,
    client: newClient(qstash.url),
    received,
    destination: `http://127.0.0.1:${server.port}`,
    arm: (rule) => qstash.faults?.arm(rule),
    paths: () => received.map((entry) => entry.path),
    [Symbol.asyncDispose]: async () => {
      await qstash.stop();
      await server.stop(true);
    },
  };
}

export function newClient(baseUrl: string, token = TOKEN): Client {
  return new Client({ baseUrl, token, retry: false, enableTelemetry: false });
}

/** Waits for the condition; fails after half a minute. */
export async function eventually(condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + WAIT_MS;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`still not true: ${condition}`);
    await Bun.sleep(3);
  }
}

import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import { listen } from "../listen.ts";

const REQUEST_TIMEOUT_MS = 30_000;

/** A request whose body has arrived in full. */
export interface DoorRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface DoorAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** `hang-up` closes the connection without a byte of an answer, as a broken network does. */
export type DoorOutcome = DoorAnswer | "hang-up";

export interface DoorOptions {
  /** 0 picks a free port. */
  readonly port: number;
  readonly bodyBytesMax: number;
  readonly handle: (request: DoorRequest) => Promise<DoorOutcome>;
  /** What a caller gets whose body is larger than `bodyBytesMax`. */
  readonly tooLarge: DoorAnswer;
  /** What a caller gets when `handle` throws: a bug of ours in the vendor's clothes. */
  readonly broken: (error: unknown) => DoorAnswer;
}

export interface Door {
  readonly port: number;
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Listens on 127.0.0.1. Node's server is used because a fault must be able to cut one connection,
 * which Bun.serve has no call for.
 */
export async function openDoor(options: DoorOptions): Promise<Door> {
  const server = createServer((message, response) => {
    void serve(message, response, options);
  });
  server.requestTimeout = REQUEST_TIMEOUT_MS;
  const port = await listen(server, options.port);
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function serve(message: IncomingMessage, response: ServerResponse, options: DoorOptions): Promise<void> {
  const body = await readBody(message, options.bodyBytesMax);
  if (body === "gone") return;
  const outcome = body === "too-large" ? options.tooLarge : await handleSafely(message, body.text, options);
  if (outcome === "hang-up") {
    message.socket.destroy();
    return;
  }
  response.writeHead(outcome.status, { ...outcome.headers });
  response.end(outcome.body);
}

async function handleSafely(message: IncomingMessage, body: string, options: DoorOptions): Promise<DoorOutcome> {
  try {
    const target = new URL(message.url ?? "/", "http://127.0.0.1");
    return await options.handle({
      method: message.method ?? "GET",
      path: target.pathname,
      query: target.searchParams,
      headers: message.headers,
      body,
    });
  } catch (error) {
    return options.broken(error);
  }
}

async function readBody(
  message: IncomingMessage,
  bytesMax: number,
): Promise<{ readonly text: string } | "too-large" | "gone"> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of message) {
      if (!Buffer.isBuffer(chunk)) continue;
      bytes += chunk.byteLength;
      // What is over the limit is still read, not kept: the caller sees the refusal instead of a broken pipe.
      if (bytes <= bytesMax) chunks.push(chunk);
      if (bytes > bytesMax * 16) return "gone";
    }
  } catch {
    return "gone";
  }
  return bytes > bytesMax ? "too-large" : { text: Buffer.concat(chunks).toString("utf8") };
}

/** The first value of a header, or null. */
export function headerOf(request: DoorRequest, name: string): string | null {
  const value = request.headers[name];
  return (Array.isArray(value) ? value[0] : value) ?? null;
}

export function jsonAnswer(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): DoorAnswer {
  return { status, headers: { "content-type": "application/json", ...headers }, body: JSON.stringify(body) };
}

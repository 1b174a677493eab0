const HEARTBEAT_MS = 15_000;
/** Ends even a watched stream at last; the browser then comes back by itself with its Last-Event-ID. */
const STREAM_MS_MAX = 30 * 60_000;
/** Events that wait for a client that does not read; a slower one is cut off. */
const BACKLOG_MAX = 64;

export interface ServerEvent {
  readonly id: string;
  readonly event: string;
  readonly data: string;
}

export interface EventSource {
  /** Called with every heartbeat. */
  readonly beat: () => Promise<void>;
  readonly end: () => void;
}

export interface EventStreamOptions {
  /** The client's: aborted when it goes away. */
  readonly signal: AbortSignal;
  /** How long the client waits before it comes back. */
  readonly retryMs: number;
  /** One that fails leaves nothing open. */
  readonly start: (send: (event: ServerEvent) => void) => Promise<EventSource>;
}

/** A `text/event-stream` with a heartbeat every 15 s, ended by the client, by a failing source, or after half an hour. */
export function eventStream({ signal, retryMs, start }: EventStreamOptions): Response {
  let isOver = false;
  /** Until there is something to end, only that it is over is noted. */
  let close = () => {
    isOver = true;
  };
  const stream = new ReadableStream<Uint8Array>(
    {
      async start(controller) {
        const encoder = new TextEncoder();
        const write = (text: string) => {
          if ((controller.desiredSize ?? 0) <= 0) close();
          else controller.enqueue(encoder.encode(text));
        };
        write(`retry: ${retryMs}\n: connected\n\n`);
        const source = await start((event) => write(eventText(event)));
        const heartbeat = setInterval(() => {
          write(": heartbeat\n\n");
          source.beat().catch(() => {});
        }, HEARTBEAT_MS);
        const deadline = setTimeout(() => close(), STREAM_MS_MAX);
        close = once(() => {
          clearInterval(heartbeat);
          clearTimeout(deadline);
          signal.removeEventListener("abort", close);
          source.end();
          closeQuietly(controller);
        });
        if (isOver || signal.aborted) close();
        else signal.addEventListener("abort", close);
      },
      cancel: () => close(),
    },
    new CountQueuingStrategy({ highWaterMark: BACKLOG_MAX }),
  );
  const headers = {
    "content-type": "text/event-stream",
    "cache-control": "private, no-store",
    // Proxies such as nginx would otherwise hold events back until a buffer is full.
    "x-accel-buffering": "no",
  };
  return new Response(stream, { headers });
}

function eventText({ id, event, data }: ServerEvent): string {
  const idLine = id === "" ? "" : `id: ${id}\n`;
  return `${idLine}event: ${event}\ndata: ${data}\n\n`;
}

function once(work: () => void): () => void {
  let done = false;
  return () => {
    if (done) return;
    done = true;
    work();
  };
}

/** A stream that its reader has cancelled is closed already. */
function closeQuietly(controller: ReadableStreamDefaultController): void {
  try {
    controller.close();
  } catch {}
}

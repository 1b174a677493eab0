import { connect, type Socket } from "bun";

/** What came back: the status, whether it told when to come back, and how long it took. No status: the connection broke. */
export interface Answer {
  readonly status: number | null;
  readonly retryAfter: boolean;
  readonly ms: number;
}

type Answered = (answer: Answer) => void;

/** Many connections to one server, each good for one request at a time. */
export interface Crowd extends Disposable {
  /** Sends a request, made by `requestOf`, over a connection that is at rest. Answers false, and sends nothing, when there is none. */
  ask(request: Buffer, answered: Answered): boolean;
  /** Waits until every connection is at rest. */
  quiet(): Promise<void>;
}

/** The bytes of a request of HTTP/1.1; with a body it is a POST of JSON. */
export function requestOf(url: string, body?: unknown): Buffer {
  const { pathname, search, host } = new URL(url);
  const start = `${body === undefined ? "GET" : "POST"} ${pathname}${search} HTTP/1.1\r\nhost: ${host}\r\n`;
  if (body === undefined) return Buffer.from(`${start}\r\n`);
  const text = JSON.stringify(body);
  return Buffer.from(
    `${start}content-type: application/json\r\ncontent-length: ${Buffer.byteLength(text)}\r\n\r\n${text}`,
  );
}

/** One connection: what it waits for, and how much of that has come. */
interface Line {
  socket: Socket<Line> | null;
  answered: Answered | null;
  askedAt: number;
  status: number;
  retryAfter: boolean;
  /** Bytes of the body that are to come; null while the head is not whole. */
  left: number | null;
  head: Buffer | null;
}

const HEAD_END = Buffer.from("\r\n\r\n");
const QUIET_POLL_MS = 10;

/**
 * Opens the connections. It speaks just enough HTTP to tell answers apart, so that a crowd takes little of the machine it shares with
 * the server: `fetch` needs more to ask than edge to refuse. It knows bodies by their `Content-Length` only.
 */
export async function openCrowd(url: string, connections: number): Promise<Crowd> {
  const { hostname, port } = new URL(url);
  const atRest: Line[] = [];
  let closed = false;
  const settle = (line: Line, status: number | null) => {
    const { answered, askedAt, retryAfter } = line;
    line.answered = null;
    line.left = null;
    line.head = null;
    if (status !== null) atRest.push(line);
    answered?.({ status, retryAfter, ms: performance.now() - askedAt });
  };
  const open = (line: Line) =>
    connect<Line>({
      hostname,
      port: Number(port),
      data: line,
      socket: {
        open: (socket) => {
          socket.data.socket = socket;
        },
        data: (socket, bytes) => {
          if (take(socket.data, bytes)) settle(socket.data, socket.data.status);
        },
        close: ({ data }) => {
          const index = atRest.indexOf(data);
          if (index >= 0) atRest.splice(index, 1);
          if (data.answered) settle(data, null);
          // Another shopper comes in the place of the one who was sent away.
          if (!closed) void open(data).then(() => atRest.push(data), lost);
        },
      },
    });
  const lines = Array.from({ length: connections }, aLine);
  await Promise.all(lines.map(open));
  atRest.push(...lines);
  return {
    ask(request, answered) {
      const line = atRest.pop();
      if (!line) return false;
      line.answered = answered;
      line.askedAt = performance.now();
      line.socket?.write(request);
      return true;
    },
    async quiet() {
      while (lines.some((line) => line.answered)) await Bun.sleep(QUIET_POLL_MS);
    },
    [Symbol.dispose]() {
      closed = true;
      for (const { socket } of lines) socket?.end();
    },
  };
}

/** A server that takes no connection any more has one shopper less. */
const lost = () => undefined;

function aLine(): Line {
  return { socket: null, answered: null, askedAt: 0, status: 0, retryAfter: false, left: null, head: null };
}

/** Takes bytes in. Answers whether the answer is whole by now. */
function take(line: Line, bytes: Buffer): boolean {
  if (line.left !== null) {
    line.left -= bytes.length;
    return line.left <= 0;
  }
  const known = line.head ? Buffer.concat([line.head, bytes]) : bytes;
  const end = known.indexOf(HEAD_END);
  if (end < 0) {
    line.head = Buffer.from(known);
    return false;
  }
  const head = known.toString("latin1", 0, end).toLowerCase();
  const length = /\r\ncontent-length: *(\d+)/.exec(head)?.[1];
  line.status = Number(head.slice(9, 12));
  line.retryAfter = head.includes("\r\nretry-after:");
  line.left = Number(length ?? 0) - (known.length - end - HEAD_END.length);
  return line.left <= 0;
}

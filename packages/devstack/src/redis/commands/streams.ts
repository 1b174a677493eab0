import type { Args } from "../arguments.ts";
import { Block, type CommandContext, command } from "../command.ts";
import { NO_ARRAY, RedisError, type Reply, syntaxError } from "../reply.ts";
import {
  compareStreamIds,
  formatStreamId,
  parseStreamId,
  Stream,
  type StreamEntry,
  type StreamId,
  ZERO_ID,
} from "../stream.ts";

type Trim = (stream: Stream) => number;

export const entryReply = (entry: StreamEntry): Reply => [formatStreamId(entry.id), entry.fields];

/** Reads MAXLEN or MINID with its `=`, `~` and LIMIT; null when the word is neither. */
function readTrim(args: Args, index: number): { trim: Trim; next: number } | null {
  const kind = args.upper(index);
  if (kind !== "MAXLEN" && kind !== "MINID") return null;
  let at = index + 1;
  if (args.text(at) === "~" || args.text(at) === "=") at += 1;
  const threshold = args.text(at);
  const length = kind === "MAXLEN" ? args.int(at) : 0;
  if (length < 0) throw new RedisError("ERR The MAXLEN argument must be >= 0.");
  const oldest = kind === "MINID" ? parseStreamId(threshold) : ZERO_ID;
  at += 1;
  if (at < args.length && args.upper(at) === "LIMIT") at += 2;
  const trim: Trim = (stream) => (kind === "MAXLEN" ? stream.trimToLength(length) : stream.trimBefore(oldest));
  return { trim, next: at };
}

function nextId(stream: Stream, text: string, now: number): StreamId {
  if (text === "*") return stream.nextId(now);
  const open = /^(\d+)-\*$/.exec(text);
  const time = open ? Number(open[1]) : 0;
  const sequence = time === stream.lastId.time ? stream.lastId.sequence + 1 : 0;
  const id = open ? { time, sequence } : parseStreamId(text);
  if (compareStreamIds(id, ZERO_ID) === 0)
    throw new RedisError("ERR The ID specified in XADD must be greater than 0-0");
  if (compareStreamIds(id, stream.lastId) <= 0) {
    throw new RedisError("ERR The ID specified in XADD is equal or smaller than the target stream top item");
  }
  return id;
}

function add({ store }: CommandContext, args: Args): Reply {
  const key = args.text(0);
  let at = 1;
  let trim: Trim | null = null;
  let makeStream = true;
  for (;;) {
    const option = readTrim(args, at);
    if (option) {
      trim = option.trim;
      at = option.next;
    } else if (args.upper(at) === "NOMKSTREAM") {
      makeStream = false;
      at += 1;
    } else break;
  }
  const fields = args.from(at + 1);
  if (fields.length === 0 || fields.length % 2 === 1) {
    throw new RedisError("ERR wrong number of arguments for 'xadd' command");
  }
  const present = store.read(key, "stream");
  if (!present && !makeStream) return null;
  const id = nextId(present ?? new Stream(), args.text(at), store.now());
  const stream = store.open(key, "stream", () => new Stream());
  stream.append(id, fields);
  trim?.(stream);
  store.signal(key);
  return formatStreamId(id);
}

/** COUNT, BLOCK and the keys with their ids, as XREAD and XREADGROUP take them. */
export function readStreamsClause(args: Args, index: number) {
  let count = Number.POSITIVE_INFINITY;
  let blockMs: number | null = null;
  let noAck = false;
  let at = index;
  for (; args.upper(at) !== "STREAMS"; at += 1) {
    const option = args.upper(at);
    if (option === "NOACK") {
      noAck = true;
      continue;
    }
    at += 1;
    if (option === "COUNT") count = args.int(at) || Number.POSITIVE_INFINITY;
    else if (option === "BLOCK") blockMs = args.int(at);
    else throw syntaxError();
  }
  if (blockMs !== null && blockMs < 0) throw new RedisError("ERR timeout is negative");
  const words = args.from(at + 1);
  if (words.length === 0 || words.length % 2 === 1) {
    throw new RedisError("ERR Unbalanced 'xread' list of streams: for each stream key an ID or '$' must be specified.");
  }
  const half = words.length / 2;
  return { count, blockMs, noAck, keys: words.slice(0, half), ids: words.slice(half) };
}

function read({ store }: CommandContext, args: Args) {
  const { count, blockMs, keys, ids } = readStreamsClause(args, 0);
  const from = keys.map((key, at) => {
    const text = ids[at] ?? "0";
    return text === "$" ? (store.read(key, "stream")?.lastId ?? ZERO_ID) : parseStreamId(text);
  });
  const attempt = (): Reply | null => {
    const found: Reply[] = [];
    for (const [at, key] of keys.entries()) {
      const entries = store.read(key, "stream")?.after(from[at] ?? ZERO_ID, count) ?? [];
      if (entries.length > 0) found.push([key, entries.map(entryReply)]);
    }
    return found.length > 0 ? found : null;
  };
  return blockMs === null ? (attempt() ?? NO_ARRAY) : new Block(keys, attempt, blockMs, NO_ARRAY);
}

function countOption(args: Args, index: number): number {
  if (args.length <= index) return Number.POSITIVE_INFINITY;
  if (args.upper(index) !== "COUNT") throw syntaxError();
  return Math.max(0, args.int(index + 1));
}

function trimStream({ store }: CommandContext, args: Args): Reply {
  const option = readTrim(args, 1);
  if (!option || option.next < args.length) throw syntaxError();
  const stream = store.read(args.text(0), "stream");
  if (!stream) return 0;
  const removed = option.trim(stream);
  if (removed > 0) store.touch(args.text(0));
  return removed;
}

export const streamCommands = [
  command("xadd", -5, add),
  command("xlen", 2, ({ store }, args) => store.read(args.text(0), "stream")?.entries.length ?? 0),
  command("xrange", -4, ({ store }, args) => {
    const entries = store.read(args.text(0), "stream")?.range(args.text(1), args.text(2)) ?? [];
    return entries.slice(0, countOption(args, 3)).map(entryReply);
  }),
  command("xrevrange", -4, ({ store }, args) => {
    const entries = store.read(args.text(0), "stream")?.range(args.text(2), args.text(1)) ?? [];
    return entries.reverse().slice(0, countOption(args, 3)).map(entryReply);
  }),
  command("xread", -4, read),
  command("xdel", -3, ({ store }, args) => {
    const ids = args.from(1).map((text) => parseStreamId(text));
    const removed = store.read(args.text(0), "stream")?.delete(ids) ?? 0;
    if (removed > 0) store.touch(args.text(0));
    return removed;
  }),
  command("xtrim", -4, trimStream),
];

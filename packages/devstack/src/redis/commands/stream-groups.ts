import type { Args } from "../arguments.ts";
import { Block, type CommandContext, command } from "../command.ts";
import { NO_ARRAY, OK, RedisError, type Reply, syntaxError } from "../reply.ts";
import type { Store } from "../store.ts";
import {
  type ConsumerGroup,
  compareStreamIds,
  formatStreamId,
  parseRangeEnd,
  parseStreamId,
  Stream,
  type StreamId,
} from "../stream.ts";
import { entryReply, readStreamsClause } from "./streams.ts";

interface Found {
  readonly stream: Stream;
  readonly group: ConsumerGroup;
}

function findGroup(store: Store, key: string, name: string): Found {
  const stream = store.read(key, "stream");
  const group = stream?.groups.get(name);
  if (!stream || !group) throw new RedisError(`NOGROUP No such key '${key}' or consumer group '${name}'`);
  return { stream, group };
}

const startId = (stream: Stream, text: string): StreamId => (text === "$" ? stream.lastId : parseStreamId(text));

function createGroup({ store }: CommandContext, args: Args): Reply {
  const key = args.text(1);
  const makeStream = args.from(4).some((word) => word.toUpperCase() === "MKSTREAM");
  if (!store.read(key, "stream") && !makeStream) {
    throw new RedisError(
      "ERR The XGROUP subcommand requires the key to exist. Note that for CREATE you may want to use the MKSTREAM option to create an empty stream automatically.",
    );
  }
  const stream = store.open(key, "stream", () => new Stream());
  if (stream.groups.has(args.text(2))) throw new RedisError("BUSYGROUP Consumer Group name already exists");
  const lastDelivered = startId(stream, args.text(3));
  stream.groups.set(args.text(2), { lastDelivered, pending: new Map(), consumers: new Map() });
  return OK;
}

function manageGroup(context: CommandContext, args: Args): Reply {
  const { store } = context;
  const action = args.upper(0);
  if (action === "CREATE") return createGroup(context, args);
  if (action === "DESTROY") {
    const destroyed = store.read(args.text(1), "stream")?.groups.delete(args.text(2)) ?? false;
    if (destroyed) store.touch(args.text(1));
    return destroyed ? 1 : 0;
  }
  if (!["SETID", "CREATECONSUMER", "DELCONSUMER"].includes(action)) {
    throw new RedisError(`ERR unknown subcommand '${args.text(0)}'. Try XGROUP HELP.`);
  }
  const { stream, group } = findGroup(store, args.text(1), args.text(2));
  store.touch(args.text(1));
  if (action === "SETID") {
    group.lastDelivered = startId(stream, args.text(3));
    return OK;
  }
  const consumer = args.text(3);
  if (action === "CREATECONSUMER") {
    const isNew = !group.consumers.has(consumer);
    if (isNew) group.consumers.set(consumer, store.now());
    return isNew ? 1 : 0;
  }
  const owned = [...group.pending].filter(([, entry]) => entry.consumer === consumer);
  for (const [id] of owned) group.pending.delete(id);
  group.consumers.delete(consumer);
  return owned.length;
}

interface GroupRead {
  readonly key: string;
  readonly from: string;
  readonly group: string;
  readonly consumer: string;
  readonly count: number;
  readonly noAck: boolean;
}

/** New entries for `>`; for an id, the consumer's own entries that are still pending. */
function readOne(store: Store, request: GroupRead): Reply | null {
  const { stream, group } = findGroup(store, request.key, request.group);
  const now = store.now();
  group.consumers.set(request.consumer, now);
  if (request.from !== ">") {
    const start = parseStreamId(request.from);
    const own = [...group.pending].filter(([, entry]) => entry.consumer === request.consumer);
    const ids = own.map(([id]) => parseStreamId(id)).filter((id) => compareStreamIds(id, start) > 0);
    const kept = ids.slice(0, request.count);
    return [request.key, kept.map((id) => [formatStreamId(id), stream.find(id)?.fields ?? null])];
  }
  const entries = stream.after(group.lastDelivered, request.count);
  const last = entries.at(-1);
  if (!last) return null;
  group.lastDelivered = last.id;
  if (!request.noAck) {
    for (const { id } of entries) {
      group.pending.set(formatStreamId(id), { consumer: request.consumer, deliveredAt: now, deliveries: 1 });
    }
  }
  store.touch(request.key);
  return [request.key, entries.map(entryReply)];
}

function readGroup({ store }: CommandContext, args: Args) {
  if (args.upper(0) !== "GROUP") throw syntaxError();
  const { count, blockMs, noAck, keys, ids } = readStreamsClause(args, 3);
  for (const key of keys) findGroup(store, key, args.text(1));
  const attempt = (): Reply | null => {
    const found: Reply[] = [];
    for (const [at, key] of keys.entries()) {
      const from = ids[at] ?? ">";
      const reply = readOne(store, { key, from, group: args.text(1), consumer: args.text(2), count, noAck });
      if (reply !== null) found.push(reply);
    }
    return found.length > 0 ? found : null;
  };
  return blockMs === null ? (attempt() ?? NO_ARRAY) : new Block(keys, attempt, blockMs, NO_ARRAY);
}

function acknowledge({ store }: CommandContext, args: Args): Reply {
  const group = store.read(args.text(0), "stream")?.groups.get(args.text(1));
  const ids = args.from(2).map((text) => formatStreamId(parseStreamId(text)));
  const acknowledged = ids.filter((id) => group?.pending.delete(id)).length;
  if (acknowledged > 0) store.touch(args.text(0));
  return acknowledged;
}

function pendingSummary(group: ConsumerGroup): Reply {
  const ids = [...group.pending.keys()];
  if (ids.length === 0) return [0, null, null, NO_ARRAY];
  const perConsumer = new Map<string, number>();
  for (const { consumer } of group.pending.values()) perConsumer.set(consumer, (perConsumer.get(consumer) ?? 0) + 1);
  const consumers = [...perConsumer].map(([name, count]): Reply => [name, String(count)]);
  return [ids.length, ids[0] ?? null, ids.at(-1) ?? null, consumers];
}

function pending({ store }: CommandContext, args: Args): Reply {
  const { group } = findGroup(store, args.text(0), args.text(1));
  if (args.length === 2) return pendingSummary(group);
  const idle = args.upper(2) === "IDLE";
  const at = idle ? 4 : 2;
  const idleMs = idle ? args.int(3) : 0;
  const low = parseRangeEnd(args.text(at), "start");
  const high = parseRangeEnd(args.text(at + 1), "stop");
  const consumer = args.length > at + 3 ? args.text(at + 3) : null;
  const found = [...group.pending].filter(([text, entry]) => {
    const id = parseStreamId(text);
    const inside = compareStreamIds(id, low.id) >= 0 && compareStreamIds(id, high.id) <= 0;
    const right = consumer === null || entry.consumer === consumer;
    return inside && right && store.now() - entry.deliveredAt >= idleMs;
  });
  const page = found.slice(0, Math.max(0, args.int(at + 2)));
  return page.map(([id, entry]) => [id, entry.consumer, store.now() - entry.deliveredAt, entry.deliveries]);
}

/** Hands a pending entry to another consumer; entries deleted meanwhile leave the pending list. */
function claimOne(store: Store, { stream, group }: Found, id: string, consumer: string): Reply | null {
  const entry = group.pending.get(id);
  const found = stream.find(parseStreamId(id));
  if (!entry) return null;
  if (!found) {
    group.pending.delete(id);
    return null;
  }
  entry.consumer = consumer;
  entry.deliveredAt = store.now();
  entry.deliveries += 1;
  return entryReply(found);
}

function claim({ store }: CommandContext, args: Args): Reply {
  const found = findGroup(store, args.text(0), args.text(1));
  const idleMs = args.int(3);
  const ids = args.from(4).map((text) => formatStreamId(parseStreamId(text)));
  found.group.consumers.set(args.text(2), store.now());
  store.touch(args.text(0));
  const due = ids.filter((id) => store.now() - (found.group.pending.get(id)?.deliveredAt ?? store.now()) >= idleMs);
  return due.map((id) => claimOne(store, found, id, args.text(2))).filter((reply) => reply !== null);
}

function autoClaim({ store }: CommandContext, args: Args): Reply {
  const found = findGroup(store, args.text(0), args.text(1));
  const idleMs = args.int(3);
  const start = parseRangeEnd(args.text(4), "start").id;
  if (args.length > 5 && args.upper(5) !== "COUNT") throw syntaxError();
  const count = args.length > 5 ? args.int(6) : 100;
  const due = [...found.group.pending].filter(
    ([id, entry]) => compareStreamIds(parseStreamId(id), start) >= 0 && store.now() - entry.deliveredAt >= idleMs,
  );
  const claimed: Reply[] = [];
  const deleted: string[] = [];
  for (const [id] of due.slice(0, count)) {
    const reply = claimOne(store, found, id, args.text(2));
    if (reply === null) deleted.push(id);
    else claimed.push(reply);
  }
  store.touch(args.text(0));
  return [due[count]?.[0] ?? "0-0", claimed, deleted];
}

export const streamGroupCommands = [
  command("xgroup", -3, manageGroup),
  command("xreadgroup", -7, readGroup),
  command("xack", -4, acknowledge),
  command("xpending", -3, pending),
  command("xclaim", -6, claim),
  command("xautoclaim", -6, autoClaim),
];

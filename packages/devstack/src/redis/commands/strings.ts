import { type Args, formatFloat, parseFloatStrict, parseInteger } from "../arguments.ts";
import { type CommandContext, command } from "../command.ts";
import { BULK_BYTES_MAX } from "../limits.ts";
import { OK, RedisError, type Reply, syntaxError } from "../reply.ts";
import type { Store } from "../store.ts";
import { expiryOption } from "./expiry.ts";

interface SetOptions {
  condition: "NX" | "XX" | null;
  get: boolean;
  keepTtl: boolean;
  expiresAt: number | null;
}

/** Sets a string and takes its time to live away. */
export function putString(store: Store, key: string, data: string): void {
  store.put(key, { type: "string", data });
  store.persist(key);
}

function readSetOptions(args: Args, now: number): SetOptions {
  const options: SetOptions = { condition: null, get: false, keepTtl: false, expiresAt: null };
  for (let at = 2; at < args.length; at += 1) {
    const option = args.upper(at);
    if ((option === "NX" || option === "XX") && options.condition === null) options.condition = option;
    else if (option === "GET") options.get = true;
    else if (option === "KEEPTTL" && options.expiresAt === null) options.keepTtl = true;
    else {
      const expiresAt = expiryOption(option, args, at + 1, { command: "set", now });
      if (expiresAt === null || options.expiresAt !== null || options.keepTtl) throw syntaxError();
      options.expiresAt = expiresAt;
      at += 1;
    }
  }
  return options;
}

function set({ store }: CommandContext, args: Args): Reply {
  const key = args.text(0);
  const options = readSetOptions(args, store.now());
  const before = options.get ? (store.read(key, "string") ?? null) : null;
  const exists = store.find(key) !== undefined;
  if ((options.condition === "NX" && exists) || (options.condition === "XX" && !exists)) return before;
  store.put(key, { type: "string", data: args.text(1) });
  if (options.expiresAt !== null) store.expireAt(key, options.expiresAt);
  else if (!options.keepTtl) store.persist(key);
  return options.get ? before : OK;
}

function getex({ store }: CommandContext, args: Args): Reply {
  const key = args.text(0);
  const value = store.read(key, "string") ?? null;
  if (args.length === 1) return value;
  const option = args.upper(1);
  const expiresAt = expiryOption(option, args, 2, { command: "getex", now: store.now() });
  if (expiresAt === null && option !== "PERSIST") throw syntaxError();
  if (args.length > (expiresAt === null ? 2 : 3)) throw syntaxError();
  if (value === null) return null;
  if (expiresAt === null) store.persist(key);
  else store.expireAt(key, expiresAt);
  return value;
}

function setWithExpiry(name: string, option: string) {
  return command(name, 4, ({ store }, args) => {
    const expiresAt = expiryOption(option, args, 1, { command: name, now: store.now() });
    putString(store, args.text(0), args.text(2));
    if (expiresAt !== null) store.expireAt(args.text(0), expiresAt);
    return OK;
  });
}

function add(store: Store, key: string, by: number): Reply {
  const sum = parseInteger(store.read(key, "string") ?? "0") + by;
  if (!Number.isSafeInteger(sum)) throw new RedisError("ERR increment or decrement would overflow");
  store.put(key, { type: "string", data: String(sum) });
  return sum;
}

function addFloat({ store }: CommandContext, args: Args): Reply {
  const sum = parseFloatStrict(store.read(args.text(0), "string") ?? "0") + args.float(1);
  if (!Number.isFinite(sum)) throw new RedisError("ERR increment would produce NaN or Infinity");
  // Binary fractions leave a tail that Redis rounds away; 15 digits is what a double holds for certain.
  const text = formatFloat(Number(sum.toPrecision(15)));
  store.put(args.text(0), { type: "string", data: text });
  return text;
}

function setMany(store: Store, pairs: readonly [string, string][]): void {
  for (const [key, value] of pairs) putString(store, key, value);
}

function setrange({ store }: CommandContext, args: Args): Reply {
  const offset = args.int(1);
  const patch = args.text(2);
  if (offset < 0) throw new RedisError("ERR offset is out of range");
  if (offset + patch.length > BULK_BYTES_MAX) {
    throw new RedisError("ERR string exceeds maximum allowed size (proto-max-bulk-len)");
  }
  const before = store.read(args.text(0), "string") ?? "";
  if (patch === "") return before.length;
  const data = before.padEnd(offset, "\0").slice(0, offset) + patch + before.slice(offset + patch.length);
  store.put(args.text(0), { type: "string", data });
  return data.length;
}

function substring({ store }: CommandContext, args: Args): Reply {
  const text = store.read(args.text(0), "string") ?? "";
  const start = args.int(1);
  const stop = args.int(2);
  const from = Math.max(0, start < 0 ? text.length + start : start);
  return text.slice(from, Math.max(0, (stop < 0 ? text.length + stop : stop) + 1));
}

export const stringCommands = [
  command("get", 2, ({ store }, args) => store.read(args.text(0), "string") ?? null),
  command("set", -3, set),
  command("setnx", 3, ({ store }, args) => {
    if (store.find(args.text(0))) return 0;
    putString(store, args.text(0), args.text(1));
    return 1;
  }),
  setWithExpiry("setex", "EX"),
  setWithExpiry("psetex", "PX"),
  command("getset", 3, ({ store }, args) => {
    const before = store.read(args.text(0), "string") ?? null;
    putString(store, args.text(0), args.text(1));
    return before;
  }),
  command("getdel", 2, ({ store }, args) => {
    const value = store.read(args.text(0), "string") ?? null;
    store.remove(args.text(0));
    return value;
  }),
  command("getex", -2, getex),
  command("mget", -2, ({ store }, args) =>
    args.from(0).map((key) => {
      const value = store.find(key);
      return value?.type === "string" ? value.data : null;
    }),
  ),
  command("mset", -3, ({ store }, args) => {
    if (args.length % 2 === 1) throw new RedisError("ERR wrong number of arguments for 'mset' command");
    setMany(store, args.pairs(0));
    return OK;
  }),
  command("msetnx", -3, ({ store }, args) => {
    if (args.length % 2 === 1) throw new RedisError("ERR wrong number of arguments for 'msetnx' command");
    const pairs = args.pairs(0);
    if (pairs.some(([key]) => store.find(key))) return 0;
    setMany(store, pairs);
    return 1;
  }),
  command("strlen", 2, ({ store }, args) => (store.read(args.text(0), "string") ?? "").length),
  command("append", 3, ({ store }, args) => {
    const data = (store.read(args.text(0), "string") ?? "") + args.text(1);
    if (data.length > BULK_BYTES_MAX) {
      throw new RedisError("ERR string exceeds maximum allowed size (proto-max-bulk-len)");
    }
    store.put(args.text(0), { type: "string", data });
    return data.length;
  }),
  command("getrange", 4, substring),
  command("substr", 4, substring),
  command("setrange", 4, setrange),
  command("incr", 2, ({ store }, args) => add(store, args.text(0), 1)),
  command("decr", 2, ({ store }, args) => add(store, args.text(0), -1)),
  command("incrby", 3, ({ store }, args) => add(store, args.text(0), args.int(1))),
  command("decrby", 3, ({ store }, args) => add(store, args.text(0), -args.int(1))),
  command("incrbyfloat", 3, addFloat),
];

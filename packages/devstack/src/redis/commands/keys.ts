import type { Args } from "../arguments.ts";
import { type CommandContext, command } from "../command.ts";
import { globPattern } from "../glob.ts";
import { OK, RedisError, type Reply, Status, syntaxError } from "../reply.ts";
import type { Store, Value } from "../store.ts";
import { copyValue } from "../values.ts";

/** EXPIRE and its kin; `moment` turns the argument into ms since the epoch. */
function expire(name: string, moment: (argument: number, now: number) => number) {
  return command(name, -3, ({ store }, args) => {
    const key = args.text(0);
    const at = moment(args.int(1), store.now());
    if (Math.abs(at) > Number.MAX_SAFE_INTEGER) throw new RedisError(`ERR invalid expire time in '${name}' command`);
    if (!store.find(key)) return 0;
    for (const option of args.from(2)) if (!mayExpire(option, at, store.expiry(key))) return 0;
    if (at <= store.now()) store.remove(key);
    else store.expireAt(key, at);
    return 1;
  });
}

function mayExpire(option: string, at: number, present: number | undefined): boolean {
  switch (option.toUpperCase()) {
    case "NX":
      return present === undefined;
    case "XX":
      return present !== undefined;
    case "GT":
      return present !== undefined && at > present;
    case "LT":
      return present === undefined || at < present;
    default:
      throw new RedisError(`ERR Unsupported option ${option}`);
  }
}

/** TTL and its kin: -2 without the key, -1 without a time to live. */
function timeToLive(name: string, show: (expiry: number, now: number) => number) {
  return command(name, 2, ({ store }, args) => {
    if (!store.find(args.text(0))) return -2;
    const expiry = store.expiry(args.text(0));
    return expiry === undefined ? -1 : show(expiry, store.now());
  });
}

function move(store: Store, from: string, to: string, value: Value): void {
  const expiry = store.expiry(from);
  store.remove(from);
  store.put(to, value);
  if (expiry === undefined) store.persist(to);
  else store.expireAt(to, expiry);
  store.signal(to);
}

function rename({ store }: CommandContext, args: Args, overwrite: boolean): boolean {
  const value = store.find(args.text(0));
  if (!value) throw new RedisError("ERR no such key");
  if (!overwrite && store.find(args.text(1))) return false;
  if (args.text(0) !== args.text(1)) move(store, args.text(0), args.text(1), value);
  return true;
}

function copy({ store, shared }: CommandContext, args: Args): Reply {
  let target = store;
  let replace = false;
  for (let at = 2; at < args.length; at += 1) {
    const option = args.upper(at);
    if (option === "REPLACE") replace = true;
    else if (option === "DB") {
      at += 1;
      const database = shared.databases[args.int(at)];
      if (!database) throw new RedisError("ERR DB index is out of range");
      target = database;
    } else throw syntaxError();
  }
  const value = store.find(args.text(0));
  if (!value || (target.find(args.text(1)) && !replace)) return 0;
  const expiry = store.expiry(args.text(0));
  target.remove(args.text(1));
  target.put(args.text(1), copyValue(value));
  if (expiry !== undefined) target.expireAt(args.text(1), expiry);
  return 1;
}

function scan({ store }: CommandContext, args: Args): Reply {
  const cursor = Number(args.text(0));
  if (!Number.isSafeInteger(cursor) || cursor < 0) throw new RedisError("ERR invalid cursor");
  let count = 10;
  let pattern: RegExp | null = null;
  let type: string | null = null;
  for (let at = 1; at < args.length; at += 2) {
    const option = args.upper(at);
    if (option === "MATCH") pattern = globPattern(args.text(at + 1));
    else if (option === "COUNT") count = args.int(at + 1);
    else if (option === "TYPE") type = args.text(at + 1).toLowerCase();
    else throw syntaxError();
  }
  if (count < 1) throw syntaxError();
  const page = store.scan(cursor, count);
  const keys = page.keys.filter((key) => (pattern?.test(key) ?? true) && (!type || store.find(key)?.type === type));
  return [String(page.cursor), keys];
}

const remove = ({ store }: CommandContext, args: Args): Reply =>
  args.from(0).filter((key) => store.find(key) && store.remove(key)).length;
const count = ({ store }: CommandContext, args: Args): Reply => args.from(0).filter((key) => store.find(key)).length;

export const keyCommands = [
  command("del", -2, remove),
  command("unlink", -2, remove),
  command("exists", -2, count),
  command("touch", -2, count),
  command("type", 2, ({ store }, args) => new Status(store.find(args.text(0))?.type ?? "none")),
  command("keys", 2, ({ store }, args) => {
    const pattern = globPattern(args.text(0));
    return [...store.keys()].filter((key) => pattern.test(key));
  }),
  command("scan", -2, scan),
  command("randomkey", 1, ({ store }) => {
    const keys = [...store.keys()];
    return keys[Math.floor(Math.random() * keys.length)] ?? null;
  }),
  command("rename", 3, (context, args) => {
    rename(context, args, true);
    return OK;
  }),
  command("renamenx", 3, (context, args) => (rename(context, args, false) ? 1 : 0)),
  command("copy", -3, copy),
  command("dbsize", 1, ({ store }) => store.size),
  expire("expire", (seconds, now) => now + seconds * 1000),
  expire("pexpire", (ms, now) => now + ms),
  expire("expireat", (seconds) => seconds * 1000),
  expire("pexpireat", (ms) => ms),
  command("persist", 2, ({ store }, args) => (store.find(args.text(0)) && store.persist(args.text(0)) ? 1 : 0)),
  timeToLive("ttl", (expiry, now) => Math.round((expiry - now) / 1000)),
  timeToLive("pttl", (expiry, now) => expiry - now),
  timeToLive("expiretime", (expiry) => Math.round(expiry / 1000)),
  timeToLive("pexpiretime", (expiry) => expiry),
];

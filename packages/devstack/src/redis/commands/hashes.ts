import { type Args, formatFloat, parseInteger } from "../arguments.ts";
import { type CommandContext, command } from "../command.ts";
import { globPattern } from "../glob.ts";
import { OK, RedisError, type Reply, syntaxError } from "../reply.ts";
import type { Store } from "../store.ts";
import { pick } from "./random.ts";

const open = (store: Store, key: string) => store.open(key, "hash", () => new Map<string, string>());
const fieldsOf = ({ store }: CommandContext, args: Args): Map<string, string> =>
  store.read(args.text(0), "hash") ?? new Map();

function setFields(name: string, { store }: CommandContext, args: Args): number {
  if (args.length % 2 === 0) throw new RedisError(`ERR wrong number of arguments for '${name}' command`);
  const hash = open(store, args.text(0));
  const before = hash.size;
  for (const [field, value] of args.pairs(1)) hash.set(field, value);
  return hash.size - before;
}

function addInteger({ store }: CommandContext, args: Args): Reply {
  const by = args.int(2);
  const present = store.read(args.text(0), "hash")?.get(args.text(1)) ?? "0";
  if (!/^-?\d+$/.test(present)) throw new RedisError("ERR hash value is not an integer");
  const sum = parseInteger(present) + by;
  if (!Number.isSafeInteger(sum)) throw new RedisError("ERR increment or decrement would overflow");
  open(store, args.text(0)).set(args.text(1), String(sum));
  return sum;
}

function addFloat({ store }: CommandContext, args: Args): Reply {
  const by = args.float(2);
  const present = Number(store.read(args.text(0), "hash")?.get(args.text(1)) ?? "0");
  if (Number.isNaN(present)) throw new RedisError("ERR hash value is not a float");
  const sum = present + by;
  if (!Number.isFinite(sum)) throw new RedisError("ERR increment would produce NaN or Infinity");
  const text = formatFloat(Number(sum.toPrecision(15)));
  open(store, args.text(0)).set(args.text(1), text);
  return text;
}

function removeFields({ store }: CommandContext, args: Args): Reply {
  const hash = store.read(args.text(0), "hash");
  if (!hash) return 0;
  const removed = args.from(1).filter((field) => hash.delete(field)).length;
  if (removed > 0) store.touch(args.text(0));
  store.dropIfEmpty(args.text(0));
  return removed;
}

function randomFields(context: CommandContext, args: Args): Reply {
  const entries = [...fieldsOf(context, args)];
  if (args.length === 1) return pick(entries, 1)[0]?.[0] ?? null;
  const withValues = args.length > 2 && args.upper(2) === "WITHVALUES";
  if (args.length > (withValues ? 3 : 2)) throw syntaxError();
  const chosen = pick(entries, args.int(1));
  return withValues ? chosen.flat() : chosen.map(([field]) => field);
}

/** HSCAN, SSCAN and ZSCAN answer the whole collection at once, which the contract of a cursor allows. */
export function scanAll(items: readonly (readonly string[])[], args: Args): Reply {
  if (!/^\d+$/.test(args.text(1))) throw new RedisError("ERR invalid cursor");
  let pattern: RegExp | null = null;
  for (let at = 2; at < args.length; at += 2) {
    const option = args.upper(at);
    if (option === "MATCH") pattern = globPattern(args.text(at + 1));
    else if (option !== "COUNT" || args.int(at + 1) < 1) throw syntaxError();
  }
  return ["0", items.filter(([name]) => name !== undefined && (pattern?.test(name) ?? true)).flat()];
}

export const hashCommands = [
  command("hset", -4, (context, args) => setFields("hset", context, args)),
  command("hmset", -4, (context, args) => {
    setFields("hmset", context, args);
    return OK;
  }),
  command("hsetnx", 4, ({ store }, args) => {
    if (store.read(args.text(0), "hash")?.has(args.text(1))) return 0;
    open(store, args.text(0)).set(args.text(1), args.text(2));
    return 1;
  }),
  command("hget", 3, (context, args) => fieldsOf(context, args).get(args.text(1)) ?? null),
  command("hmget", -3, (context, args) => {
    const hash = fieldsOf(context, args);
    return args.from(1).map((field) => hash.get(field) ?? null);
  }),
  command("hgetall", 2, (context, args) => [...fieldsOf(context, args)].flat()),
  command("hkeys", 2, (context, args) => [...fieldsOf(context, args).keys()]),
  command("hvals", 2, (context, args) => [...fieldsOf(context, args).values()]),
  command("hlen", 2, (context, args) => fieldsOf(context, args).size),
  command("hstrlen", 3, (context, args) => (fieldsOf(context, args).get(args.text(1)) ?? "").length),
  command("hexists", 3, (context, args) => (fieldsOf(context, args).has(args.text(1)) ? 1 : 0)),
  command("hdel", -3, removeFields),
  command("hincrby", 4, addInteger),
  command("hincrbyfloat", 4, addFloat),
  command("hrandfield", -2, randomFields),
  command("hscan", -3, (context, args) => scanAll([...fieldsOf(context, args)], args)),
];

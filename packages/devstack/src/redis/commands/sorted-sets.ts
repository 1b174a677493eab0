import { type Args, clampRange, formatFloat, parseFloatStrict } from "../arguments.ts";
import { Block, blockingCommand, type CommandContext, command } from "../command.ts";
import { NO_ARRAY, RedisError, type Reply, syntaxError } from "../reply.ts";
import { type Scored, SortedSet } from "../sorted-set.ts";
import type { Store } from "../store.ts";
import { scanAll } from "./hashes.ts";
import { pick } from "./random.ts";
import { lexBetween, scoreBound, sortedSetOf, withScores } from "./sorted-set-ranges.ts";

const open = (store: Store, key: string) => store.open(key, "zset", () => new SortedSet());
const ADD_OPTIONS = ["NX", "XX", "GT", "LT", "CH", "INCR"] as const;
type AddOption = (typeof ADD_OPTIONS)[number];

function readAddOptions(args: Args): { options: ReadonlySet<AddOption>; next: number } {
  const options = new Set<AddOption>();
  let next = 1;
  for (; next < args.length; next += 1) {
    const word = ADD_OPTIONS.find((option) => option === args.upper(next));
    if (!word) break;
    options.add(word);
  }
  if (options.has("NX") && options.has("XX")) {
    throw new RedisError("ERR XX and NX options at the same time are not compatible");
  }
  if ([options.has("GT"), options.has("LT"), options.has("NX")].filter(Boolean).length > 1) {
    throw new RedisError("ERR GT, LT, and/or NX options at the same time are not compatible");
  }
  return { options, next };
}

function mayWrite(options: ReadonlySet<AddOption>, before: number | undefined, score: number): boolean {
  if (before === undefined) return !options.has("XX");
  if (options.has("NX")) return false;
  return !(options.has("GT") && score <= before) && !(options.has("LT") && score >= before);
}

function add({ store }: CommandContext, args: Args): Reply {
  const { options, next } = readAddOptions(args);
  const pairs = args.pairs(next).map(([score, member]) => ({ member, score: parseFloatStrict(score) }));
  if (pairs.length === 0) throw syntaxError();
  if (options.has("INCR") && pairs.length > 1) {
    throw new RedisError("ERR INCR option supports a single increment-element pair");
  }
  const set = open(store, args.text(0));
  let added = 0;
  let updated = 0;
  let last: number | null = null;
  for (const { member, score } of pairs) {
    const before = set.score(member);
    const after = options.has("INCR") ? score + (before ?? 0) : score;
    if (!mayWrite(options, before, after)) continue;
    set.set(member, after);
    last = after;
    if (before === undefined) added += 1;
    else if (before !== after) updated += 1;
  }
  store.dropIfEmpty(args.text(0));
  store.signal(args.text(0));
  if (options.has("INCR")) return last === null ? null : formatFloat(last);
  return options.has("CH") ? added + updated : added;
}

function increase({ store }: CommandContext, args: Args): Reply {
  const by = args.float(1);
  const set = open(store, args.text(0));
  const sum = (set.score(args.text(2)) ?? 0) + by;
  if (Number.isNaN(sum)) throw new RedisError("ERR resulting score is not a number (NaN)");
  set.set(args.text(2), sum);
  store.signal(args.text(0));
  return formatFloat(sum);
}

function remove(store: Store, key: string, members: readonly string[]): number {
  const set = store.read(key, "zset");
  if (!set) return 0;
  const removed = members.filter((member) => set.delete(member)).length;
  if (removed > 0) store.touch(key);
  store.dropIfEmpty(key);
  return removed;
}

const names = (entries: readonly Scored[]) => entries.map(({ member }) => member);

function take(store: Store, key: string, end: "min" | "max", count: number): Scored[] {
  const ordered = store.read(key, "zset")?.ordered() ?? [];
  const from = end === "min" ? 0 : Math.max(0, ordered.length - count);
  const taken = ordered.slice(from, end === "min" ? count : undefined);
  remove(store, key, names(taken));
  return end === "min" ? taken : taken.reverse();
}

function popCommand(name: string, end: "min" | "max") {
  return command(name, -2, ({ store }, args) => {
    const count = args.length > 1 ? args.int(1) : 1;
    if (count < 0) throw new RedisError("ERR value is out of range, must be positive");
    return withScores(take(store, args.text(0), end, count), true);
  });
}

function blockingPop(name: string, end: "min" | "max") {
  return blockingCommand(name, -3, ({ store }, args) => {
    const keys = args.slice(0, args.length - 1);
    const attempt = (): Reply | null => {
      for (const key of keys) {
        const [entry] = take(store, key, end, 1);
        if (entry) return [key, entry.member, formatFloat(entry.score)];
      }
      return null;
    };
    return new Block(keys, attempt, args.timeoutSeconds(args.length - 1) * 1000, NO_ARRAY);
  });
}

function rankCommand(name: string, reverse: boolean) {
  return command(name, 3, (context, args) => {
    const set = sortedSetOf(context, args.text(0));
    const rank = set.rank(args.text(1));
    return rank === null || !reverse ? rank : set.size - 1 - rank;
  });
}

/** ZUNIONSTORE and ZINTERSTORE; plain sets count as members with score 1. */
function combineInto(name: string, keep: "any" | "all") {
  return command(name, -4, ({ store }, args) => {
    const count = args.int(1);
    if (count <= 0) throw new RedisError(`ERR at least 1 input key is needed for '${name}' command`);
    const keys = args.slice(2, 2 + count);
    const { weights, aggregate } = readCombineOptions(args, 2 + count, count);
    const scores = new Map<string, number[]>();
    for (const [at, key] of keys.entries()) {
      for (const [member, score] of scoredMembers(store, key)) {
        const weighted = score * (weights[at] ?? 1);
        const present = scores.get(member);
        if (present) present.push(weighted);
        else scores.set(member, [weighted]);
      }
    }
    const result = new SortedSet();
    for (const [member, found] of scores) {
      if (keep === "any" || found.length === keys.length) result.set(member, found.reduce(aggregate));
    }
    store.remove(args.text(0));
    if (result.size > 0) store.put(args.text(0), { type: "zset", data: result });
    return result.size;
  });
}

function readCombineOptions(args: Args, index: number, count: number) {
  let weights: number[] = [];
  let aggregate = (one: number, other: number) => one + other;
  for (let at = index; at < args.length; ) {
    const option = args.upper(at);
    if (option === "WEIGHTS") {
      weights = Array.from({ length: count }, (_, offset) => args.float(at + 1 + offset));
      at += 1 + count;
    } else if (option === "AGGREGATE") {
      const how = args.upper(at + 1);
      if (how !== "SUM" && how !== "MIN" && how !== "MAX") throw syntaxError();
      if (how !== "SUM")
        aggregate = how === "MIN" ? (one, other) => Math.min(one, other) : (one, other) => Math.max(one, other);
      at += 2;
    } else throw syntaxError();
  }
  return { weights, aggregate };
}

function scoredMembers(store: Store, key: string): Iterable<[string, number]> {
  const value = store.find(key);
  if (value?.type === "set") return [...value.data].map((member): [string, number] => [member, 1]);
  return store.read(key, "zset")?.entries() ?? [];
}

const scoreText = (score: number | undefined) => (score === undefined ? null : formatFloat(score));

export const sortedSetCommands = [
  command("zadd", -4, add),
  command("zincrby", 4, increase),
  command("zrem", -3, ({ store }, args) => remove(store, args.text(0), args.from(1))),
  command("zscore", 3, (context, args) => scoreText(sortedSetOf(context, args.text(0)).score(args.text(1)))),
  command("zmscore", -3, (context, args) => {
    const set = sortedSetOf(context, args.text(0));
    return args.from(1).map((member) => scoreText(set.score(member)));
  }),
  command("zcard", 2, (context, args) => sortedSetOf(context, args.text(0)).size),
  rankCommand("zrank", false),
  rankCommand("zrevrank", true),
  popCommand("zpopmin", "min"),
  popCommand("zpopmax", "max"),
  blockingPop("bzpopmin", "min"),
  blockingPop("bzpopmax", "max"),
  command("zremrangebyscore", 4, (context, args) => {
    const set = sortedSetOf(context, args.text(0));
    const found = set.between(scoreBound(args.text(1)), scoreBound(args.text(2)));
    return remove(context.store, args.text(0), names(found));
  }),
  command("zremrangebylex", 4, (context, args) => {
    const found = lexBetween(sortedSetOf(context, args.text(0)), args.text(1), args.text(2));
    return remove(context.store, args.text(0), names(found));
  }),
  command("zremrangebyrank", 4, (context, args) => {
    const ordered = sortedSetOf(context, args.text(0)).ordered();
    const { from, to } = clampRange(ordered.length, args.int(1), args.int(2));
    return remove(context.store, args.text(0), names(ordered.slice(from, Math.max(from, to + 1))));
  }),
  combineInto("zunionstore", "any"),
  combineInto("zinterstore", "all"),
  command("zrandmember", -2, (context, args) => {
    const members = names(sortedSetOf(context, args.text(0)).ordered());
    if (args.length > 2) throw syntaxError();
    return args.length > 1 ? pick(members, args.int(1)) : (pick(members, 1)[0] ?? null);
  }),
  command("zscan", -3, (context, args) => {
    const entries = [...sortedSetOf(context, args.text(0)).entries()];
    return scanAll(
      entries.map(([member, score]) => [member, formatFloat(score)]),
      args,
    );
  }),
];

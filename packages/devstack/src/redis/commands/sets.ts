import type { Args } from "../arguments.ts";
import { type CommandContext, command } from "../command.ts";
import { RedisError, type Reply, syntaxError } from "../reply.ts";
import type { Store } from "../store.ts";
import { scanAll } from "./hashes.ts";
import { pick } from "./random.ts";

type Combine = (sets: readonly ReadonlySet<string>[]) => string[];

const membersOf = (store: Store, key: string): ReadonlySet<string> => store.read(key, "set") ?? new Set();

const intersect: Combine = ([first = new Set(), ...rest]) =>
  [...first].filter((member) => rest.every((set) => set.has(member)));
const unite: Combine = (sets) => [...new Set(sets.flatMap((set) => [...set]))];
const subtract: Combine = ([first = new Set(), ...rest]) =>
  [...first].filter((member) => !rest.some((set) => set.has(member)));

function removeMembers(store: Store, key: string, members: readonly string[]): number {
  const set = store.read(key, "set");
  if (!set) return 0;
  const removed = members.filter((member) => set.delete(member)).length;
  if (removed > 0) store.touch(key);
  store.dropIfEmpty(key);
  return removed;
}

function combined(name: string, combine: Combine) {
  return command(name, -2, ({ store }, args) => combine(args.from(0).map((key) => membersOf(store, key))));
}

function combinedInto(name: string, combine: Combine) {
  return command(name, -3, ({ store }, args) => {
    const members = combine(args.from(1).map((key) => membersOf(store, key)));
    store.remove(args.text(0));
    if (members.length > 0) store.put(args.text(0), { type: "set", data: new Set(members) });
    return members.length;
  });
}

function takeRandom({ store }: CommandContext, args: Args): Reply {
  const count = args.length > 1 ? args.int(1) : 1;
  if (count < 0) throw new RedisError("ERR value is out of range, must be positive");
  const taken = pick([...membersOf(store, args.text(0))], count);
  removeMembers(store, args.text(0), taken);
  return args.length > 1 ? taken : (taken[0] ?? null);
}

function move({ store }: CommandContext, args: Args): Reply {
  const member = args.text(2);
  if (!membersOf(store, args.text(0)).has(member)) return 0;
  store.read(args.text(1), "set");
  removeMembers(store, args.text(0), [member]);
  store.open(args.text(1), "set", () => new Set()).add(member);
  return 1;
}

function countIntersection({ store }: CommandContext, args: Args): Reply {
  const { keys, next } = { keys: args.slice(1, 1 + args.int(0)), next: 1 + args.int(0) };
  if (keys.length === 0) throw new RedisError("ERR numkeys should be greater than 0");
  let limit = 0;
  if (next < args.length) {
    if (args.upper(next) !== "LIMIT") throw syntaxError();
    limit = args.int(next + 1);
  }
  const size = intersect(keys.map((key) => membersOf(store, key))).length;
  return limit > 0 ? Math.min(limit, size) : size;
}

export const setCommands = [
  command("sadd", -3, ({ store }, args) => {
    const set = store.open(args.text(0), "set", () => new Set());
    const before = set.size;
    for (const member of args.from(1)) set.add(member);
    return set.size - before;
  }),
  command("srem", -3, ({ store }, args) => removeMembers(store, args.text(0), args.from(1))),
  command("smembers", 2, ({ store }, args) => [...membersOf(store, args.text(0))]),
  command("sismember", 3, ({ store }, args) => (membersOf(store, args.text(0)).has(args.text(1)) ? 1 : 0)),
  command("smismember", -3, ({ store }, args) => {
    const set = membersOf(store, args.text(0));
    return args.from(1).map((member) => (set.has(member) ? 1 : 0));
  }),
  command("scard", 2, ({ store }, args) => membersOf(store, args.text(0)).size),
  command("spop", -2, takeRandom),
  command("srandmember", -2, ({ store }, args) => {
    const members = [...membersOf(store, args.text(0))];
    return args.length > 1 ? pick(members, args.int(1)) : (pick(members, 1)[0] ?? null);
  }),
  command("smove", 4, move),
  combined("sinter", intersect),
  combined("sunion", unite),
  combined("sdiff", subtract),
  combinedInto("sinterstore", intersect),
  combinedInto("sunionstore", unite),
  combinedInto("sdiffstore", subtract),
  command("sintercard", -3, countIntersection),
  command("sscan", -3, ({ store }, args) =>
    scanAll(
      [...membersOf(store, args.text(0))].map((member) => [member]),
      args,
    ),
  ),
];

import { type Args, clampRange } from "../arguments.ts";
import { Block, blockingCommand, type CommandContext, command } from "../command.ts";
import { NO_ARRAY, OK, RedisError, type Reply, syntaxError } from "../reply.ts";
import type { Store } from "../store.ts";

type End = "LEFT" | "RIGHT";

const open = (store: Store, key: string) => store.open(key, "list", () => [] as string[]);
const itemsOf = ({ store }: CommandContext, args: Args): string[] => store.read(args.text(0), "list") ?? [];

function push(store: Store, key: string, end: End, items: readonly string[]): number {
  const list = open(store, key);
  if (end === "RIGHT") for (const item of items) list.push(item);
  else if (items.length === 1) list.unshift(items[0] ?? "");
  else store.put(key, { type: "list", data: [...items].reverse().concat(list) });
  store.signal(key);
  return store.read(key, "list")?.length ?? 0;
}

function pop(store: Store, key: string, end: End): string | null {
  const list = store.read(key, "list");
  if (!list) return null;
  const item = (end === "LEFT" ? list.shift() : list.pop()) ?? null;
  store.touch(key);
  store.dropIfEmpty(key);
  return item;
}

function popCommand(name: string, end: End) {
  return command(name, -2, ({ store }, args) => {
    if (args.length === 1) return pop(store, args.text(0), end);
    const count = args.int(1);
    if (count < 0) throw new RedisError("ERR value is out of range, must be positive");
    const list = store.read(args.text(0), "list");
    if (!list) return NO_ARRAY;
    const taken = end === "LEFT" ? list.splice(0, count) : list.splice(Math.max(0, list.length - count)).reverse();
    store.touch(args.text(0));
    store.dropIfEmpty(args.text(0));
    return taken;
  });
}

function pushCommand(name: string, end: End, onlyIfThere: boolean) {
  return command(name, -3, ({ store }, args) => {
    if (onlyIfThere && !store.read(args.text(0), "list")) return 0;
    return push(store, args.text(0), end, args.from(1));
  });
}

function endOf(word: string): End {
  if (word !== "LEFT" && word !== "RIGHT") throw syntaxError();
  return word;
}

function move(store: Store, from: string, to: string, ends: { from: End; to: End }): string | null {
  if (store.find(from)) store.read(to, "list");
  const item = pop(store, from, ends.from);
  if (item !== null) push(store, to, ends.to, [item]);
  return item;
}

function lmove({ store }: CommandContext, args: Args) {
  const ends = { from: endOf(args.upper(2)), to: endOf(args.upper(3)) };
  return () => move(store, args.text(0), args.text(1), ends);
}

function rpoplpush({ store }: CommandContext, args: Args) {
  return () => move(store, args.text(0), args.text(1), { from: "RIGHT", to: "LEFT" });
}

/** BLPOP and BRPOP: the first key that has something wins. */
function blockingPop(name: string, end: End) {
  return blockingCommand(name, -3, ({ store }, args) => {
    const keys = args.slice(0, args.length - 1);
    const attempt = (): Reply | null => {
      for (const key of keys) {
        const item = pop(store, key, end);
        if (item !== null) return [key, item];
      }
      return null;
    };
    return new Block(keys, attempt, args.timeoutSeconds(args.length - 1) * 1000, NO_ARRAY);
  });
}

function remove({ store }: CommandContext, args: Args): Reply {
  const list = store.read(args.text(0), "list");
  const count = args.int(1);
  if (!list) return 0;
  const unwanted = args.text(2);
  const limit = count === 0 ? list.length : Math.abs(count);
  const kept: string[] = [];
  let removed = 0;
  for (const item of count < 0 ? [...list].reverse() : list) {
    if (item === unwanted && removed < limit) removed += 1;
    else kept.push(item);
  }
  replace(store, args.text(0), count < 0 ? kept.reverse() : kept);
  return removed;
}

function replace(store: Store, key: string, items: string[]): void {
  store.put(key, { type: "list", data: items });
  store.dropIfEmpty(key);
}

function insert({ store }: CommandContext, args: Args): Reply {
  const side = args.upper(1);
  if (side !== "BEFORE" && side !== "AFTER") throw syntaxError();
  const list = store.read(args.text(0), "list");
  if (!list) return 0;
  const at = list.indexOf(args.text(2));
  if (at < 0) return -1;
  list.splice(side === "BEFORE" ? at : at + 1, 0, args.text(3));
  store.touch(args.text(0));
  return list.length;
}

function position(context: CommandContext, args: Args): Reply {
  const options = { RANK: 1, COUNT: null as number | null, MAXLEN: 0 };
  for (let at = 2; at < args.length; at += 2) {
    const option = args.upper(at);
    if (option !== "RANK" && option !== "COUNT" && option !== "MAXLEN") throw syntaxError();
    options[option] = args.int(at + 1);
  }
  if (options.RANK === 0) throw new RedisError("ERR RANK can't be zero");
  const list = itemsOf(context, args);
  const backwards = options.RANK < 0;
  const wanted = options.COUNT === null ? 1 : options.COUNT || list.length;
  const looks = options.MAXLEN || list.length;
  const found: number[] = [];
  let skip = Math.abs(options.RANK) - 1;
  for (let step = 0; step < Math.min(looks, list.length) && found.length < wanted; step += 1) {
    const at = backwards ? list.length - 1 - step : step;
    if (list[at] !== args.text(1)) continue;
    if (skip > 0) skip -= 1;
    else found.push(at);
  }
  return options.COUNT === null ? (found[0] ?? null) : found;
}

export const listCommands = [
  pushCommand("lpush", "LEFT", false),
  pushCommand("rpush", "RIGHT", false),
  pushCommand("lpushx", "LEFT", true),
  pushCommand("rpushx", "RIGHT", true),
  popCommand("lpop", "LEFT"),
  popCommand("rpop", "RIGHT"),
  blockingPop("blpop", "LEFT"),
  blockingPop("brpop", "RIGHT"),
  command("lmove", 5, (context, args) => lmove(context, args)()),
  command("rpoplpush", 3, (context, args) => rpoplpush(context, args)()),
  blockingCommand("blmove", 6, (context, args) => {
    return new Block([args.text(0)], lmove(context, args), args.timeoutSeconds(4) * 1000, NO_ARRAY);
  }),
  blockingCommand("brpoplpush", 4, (context, args) => {
    return new Block([args.text(0)], rpoplpush(context, args), args.timeoutSeconds(2) * 1000, NO_ARRAY);
  }),
  command("llen", 2, (context, args) => itemsOf(context, args).length),
  command("lrange", 4, (context, args) => {
    const items = itemsOf(context, args);
    const { from, to } = clampRange(items.length, args.int(1), args.int(2));
    return items.slice(from, Math.max(from, to + 1));
  }),
  command("lindex", 3, (context, args) => itemsOf(context, args).at(args.int(1)) ?? null),
  command("lset", 4, ({ store }, args) => {
    const list = store.read(args.text(0), "list");
    if (!list) throw new RedisError("ERR no such key");
    const at = args.int(1) < 0 ? list.length + args.int(1) : args.int(1);
    if (at < 0 || at >= list.length) throw new RedisError("ERR index out of range");
    list[at] = args.text(2);
    store.touch(args.text(0));
    return OK;
  }),
  command("lrem", 4, remove),
  command("linsert", 5, insert),
  command("lpos", -3, position),
  command("ltrim", 4, (context, args) => {
    const items = itemsOf(context, args);
    const { from, to } = clampRange(items.length, args.int(1), args.int(2));
    if (items.length > 0) replace(context.store, args.text(0), items.slice(from, Math.max(from, to + 1)));
    return OK;
  }),
];

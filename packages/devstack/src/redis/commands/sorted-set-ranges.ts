import { type Args, clampRange, formatFloat, parseFloatStrict } from "../arguments.ts";
import { type CommandContext, command } from "../command.ts";
import { RedisError, type Reply, syntaxError } from "../reply.ts";
import { type ScoreBound, type Scored, SortedSet } from "../sorted-set.ts";

interface RangeOptions {
  by: "RANK" | "SCORE" | "LEX";
  reverse: boolean;
  withScores: boolean;
  limit: { offset: number; count: number } | null;
}

const NOTHING = new SortedSet();

export const sortedSetOf = ({ store }: CommandContext, key: string): SortedSet => store.read(key, "zset") ?? NOTHING;

export function scoreBound(text: string): ScoreBound {
  try {
    return text.startsWith("(")
      ? { score: parseFloatStrict(text.slice(1)), exclusive: true }
      : { score: parseFloatStrict(text), exclusive: false };
  } catch {
    throw new RedisError("ERR min or max is not a float");
  }
}

/** Whether a member lies at or above (`end` "low"), at or below (`end` "high") a bound such as `[a`, `(a`, `-`, `+`. */
function lexTest(text: string, end: "low" | "high"): (member: string) => boolean {
  if (text === "-") return () => end === "low";
  if (text === "+") return () => end === "high";
  const edge = text.slice(1);
  const inclusive = text.startsWith("[");
  if (!inclusive && !text.startsWith("(")) throw new RedisError("ERR min or max not valid string range item");
  if (end === "low") return (member) => (inclusive ? member >= edge : member > edge);
  return (member) => (inclusive ? member <= edge : member < edge);
}

export function lexBetween(set: SortedSet, low: string, high: string): readonly Scored[] {
  const above = lexTest(low, "low");
  const below = lexTest(high, "high");
  return set.ordered().filter(({ member }) => above(member) && below(member));
}

export function withScores(entries: readonly Scored[], scores: boolean): string[] {
  return scores
    ? entries.flatMap(({ member, score }) => [member, formatFloat(score)])
    : entries.map(({ member }) => member);
}

function readOptions(args: Args, index: number, options: RangeOptions): RangeOptions {
  for (let at = index; at < args.length; at += 1) {
    const word = args.upper(at);
    if (word === "WITHSCORES") options.withScores = true;
    else if (word === "BYSCORE") options.by = "SCORE";
    else if (word === "BYLEX") options.by = "LEX";
    else if (word === "REV") options.reverse = true;
    else if (word === "LIMIT") {
      options.limit = { offset: args.int(at + 1), count: args.int(at + 2) };
      at += 2;
    } else throw syntaxError();
  }
  if (options.limit && options.by === "RANK") {
    throw new RedisError("ERR syntax error, LIMIT is only supported in combination with either BYSCORE or BYLEX");
  }
  return options;
}

function select(set: SortedSet, ends: readonly [string, string], options: RangeOptions, args: Args): readonly Scored[] {
  if (options.by === "RANK") {
    const ordered = options.reverse ? [...set.ordered()].reverse() : set.ordered();
    const { from, to } = clampRange(ordered.length, args.int(1), args.int(2));
    return ordered.slice(from, Math.max(from, to + 1));
  }
  const [low, high] = options.reverse ? [ends[1], ends[0]] : ends;
  const between = options.by === "SCORE" ? set.between(scoreBound(low), scoreBound(high)) : lexBetween(set, low, high);
  const ordered = options.reverse ? [...between].reverse() : between;
  if (!options.limit) return ordered;
  const { offset, count } = options.limit;
  if (offset < 0) return [];
  return ordered.slice(offset, count < 0 ? undefined : offset + count);
}

function range(context: CommandContext, args: Args, preset: Partial<RangeOptions>): Reply {
  const options = readOptions(args, 3, { by: "RANK", reverse: false, withScores: false, limit: null, ...preset });
  const entries = select(sortedSetOf(context, args.text(0)), [args.text(1), args.text(2)], options, args);
  return withScores(entries, options.withScores);
}

function rangeCommand(name: string, preset: Partial<RangeOptions>) {
  return command(name, -4, (context, args) => range(context, args, preset));
}

export const sortedSetRangeCommands = [
  rangeCommand("zrange", {}),
  rangeCommand("zrevrange", { reverse: true }),
  rangeCommand("zrangebyscore", { by: "SCORE" }),
  rangeCommand("zrevrangebyscore", { by: "SCORE", reverse: true }),
  rangeCommand("zrangebylex", { by: "LEX" }),
  rangeCommand("zrevrangebylex", { by: "LEX", reverse: true }),
  command("zcount", 4, (context, args) => {
    return sortedSetOf(context, args.text(0)).between(scoreBound(args.text(1)), scoreBound(args.text(2))).length;
  }),
  command("zlexcount", 4, (context, args) => {
    return lexBetween(sortedSetOf(context, args.text(0)), args.text(1), args.text(2)).length;
  }),
];

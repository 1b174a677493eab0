import type { Args } from "../arguments.ts";
import { type CommandContext, command } from "../command.ts";
import { NO_ARRAY, RedisError, type Reply, syntaxError } from "../reply.ts";
import { SortedSet } from "../sorted-set.ts";
import { sortedSetOf } from "./sorted-set-ranges.ts";

interface Point {
  readonly longitude: number;
  readonly latitude: number;
}

interface Found {
  readonly member: string;
  readonly point: Point;
  readonly metres: number;
}

const LATITUDE_MAX = 85.05112878;
const STEPS = 2 ** 26;
const EARTH_RADIUS_METRES = 6372797.560856;
const METRES = { M: 1, KM: 1000, FT: 0.3048, MI: 1609.34 } as const;

/** Interleaves two 26-bit numbers into the 52 bits of a score: a double holds them exactly. */
function encode({ longitude, latitude }: Point): number {
  const x = Math.min(STEPS - 1, Math.floor(((longitude + 180) / 360) * STEPS));
  const y = Math.min(STEPS - 1, Math.floor(((latitude + LATITUDE_MAX) / (2 * LATITUDE_MAX)) * STEPS));
  let score = 0;
  for (let bit = 25; bit >= 0; bit -= 1) score = score * 4 + ((x >> bit) & 1) * 2 + ((y >> bit) & 1);
  return score;
}

/** The middle of the cell that a score names. */
function decode(score: number): Point {
  let x = 0;
  let y = 0;
  for (let bit = 25; bit >= 0; bit -= 1) {
    const pair = Math.floor(score / 4 ** bit) % 4;
    x = x * 2 + (pair >> 1);
    y = y * 2 + (pair & 1);
  }
  return {
    longitude: ((x + 0.5) / STEPS) * 360 - 180,
    latitude: ((y + 0.5) / STEPS) * 2 * LATITUDE_MAX - LATITUDE_MAX,
  };
}

function distanceMetres(one: Point, other: Point): number {
  const radians = (degrees: number) => (degrees * Math.PI) / 180;
  const u = Math.sin(radians(other.latitude - one.latitude) / 2);
  const v = Math.sin(radians(other.longitude - one.longitude) / 2);
  const haversine = u * u + Math.cos(radians(one.latitude)) * Math.cos(radians(other.latitude)) * v * v;
  return 2 * EARTH_RADIUS_METRES * Math.asin(Math.sqrt(haversine));
}

function readPoint(args: Args, index: number): Point {
  const point = { longitude: args.float(index), latitude: args.float(index + 1) };
  if (Math.abs(point.longitude) > 180 || Math.abs(point.latitude) > LATITUDE_MAX) {
    throw new RedisError(
      `ERR invalid longitude,latitude pair ${point.longitude.toFixed(6)},${point.latitude.toFixed(6)}`,
    );
  }
  return point;
}

function unitMetres(word: string): number {
  if (word === "M" || word === "KM" || word === "FT" || word === "MI") return METRES[word];
  throw new RedisError("ERR unsupported unit provided. please use M, KM, FT, MI");
}

function add({ store }: CommandContext, args: Args): Reply {
  let at = 1;
  const options = new Set<string>();
  for (; ["NX", "XX", "CH"].includes(args.upper(at)); at += 1) options.add(args.upper(at));
  if ((args.length - at) % 3 !== 0 || at >= args.length) throw syntaxError();
  const members: { member: string; score: number }[] = [];
  for (; at < args.length; at += 3) members.push({ member: args.text(at + 2), score: encode(readPoint(args, at)) });
  const set = store.open(args.text(0), "zset", () => new SortedSet());
  let added = 0;
  let changed = 0;
  for (const { member, score } of members) {
    const before = set.score(member);
    if (before === undefined ? options.has("XX") : options.has("NX")) continue;
    set.set(member, score);
    if (before === undefined) added += 1;
    else if (before !== score) changed += 1;
  }
  store.dropIfEmpty(args.text(0));
  return options.has("CH") ? added + changed : added;
}

const pointOf = (set: SortedSet, member: string): Point | null => {
  const score = set.score(member);
  return score === undefined ? null : decode(score);
};

const pointReply = (point: Point): Reply => [String(point.longitude), String(point.latitude)];

function distance(context: CommandContext, args: Args): Reply {
  const set = sortedSetOf(context, args.text(0));
  const one = pointOf(set, args.text(1));
  const other = pointOf(set, args.text(2));
  const unit = args.length > 3 ? unitMetres(args.upper(3)) : 1;
  return one && other ? (distanceMetres(one, other) / unit).toFixed(4) : null;
}

interface Search {
  centre: Point | null;
  inside: ((centre: Point, point: Point, metres: number) => boolean) | null;
  unit: number;
  order: "ASC" | "DESC" | null;
  count: number;
  with: Set<string>;
}

function readSearch(set: SortedSet, args: Args): Search {
  const search: Search = {
    centre: null,
    inside: null,
    unit: 1,
    order: null,
    count: Number.POSITIVE_INFINITY,
    with: new Set(),
  };
  for (let at = 1; at < args.length; ) at += readSearchOption(set, args, at, search);
  return search;
}

/** Reads one clause of GEOSEARCH into the search; answers how many words it took. */
function readSearchOption(set: SortedSet, args: Args, at: number, search: Search): number {
  const option = args.upper(at);
  switch (option) {
    case "FROMMEMBER":
      search.centre = pointOf(set, args.text(at + 1));
      if (!search.centre) throw new RedisError("ERR could not decode requested zset member");
      return 2;
    case "FROMLONLAT":
      search.centre = readPoint(args, at + 1);
      return 3;
    case "BYRADIUS": {
      search.unit = unitMetres(args.upper(at + 2));
      const radius = args.float(at + 1) * search.unit;
      search.inside = (_centre, _point, metres) => metres <= radius;
      return 3;
    }
    case "BYBOX": {
      search.unit = unitMetres(args.upper(at + 3));
      const width = (args.float(at + 1) * search.unit) / 2;
      const height = (args.float(at + 2) * search.unit) / 2;
      search.inside = (centre, point) =>
        distanceMetres(point, { ...point, latitude: centre.latitude }) <= height &&
        distanceMetres(point, { ...point, longitude: centre.longitude }) <= width;
      return 4;
    }
    case "ASC":
    case "DESC":
      search.order = option;
      return 1;
    case "COUNT":
      search.count = args.int(at + 1);
      search.order ??= "ASC";
      return 2;
    case "WITHCOORD":
    case "WITHDIST":
      search.with.add(option);
      return 1;
    default:
      throw syntaxError();
  }
}

function search(context: CommandContext, args: Args): Reply {
  const set = sortedSetOf(context, args.text(0));
  if (set.size === 0) return [];
  const { centre, inside, ...options } = readSearch(set, args);
  if (!centre || !inside) throw syntaxError();
  const found: Found[] = [];
  for (const [member, score] of set.entries()) {
    const point = decode(score);
    const metres = distanceMetres(centre, point);
    if (inside(centre, point, metres)) found.push({ member, point, metres });
  }
  if (options.order) found.sort((one, other) => (one.metres - other.metres) * (options.order === "ASC" ? 1 : -1));
  return found.slice(0, options.count).map(({ member, point, metres }): Reply => {
    if (options.with.size === 0) return member;
    const reply: Reply[] = [member];
    if (options.with.has("WITHDIST")) reply.push((metres / options.unit).toFixed(4));
    if (options.with.has("WITHCOORD")) reply.push(pointReply(point));
    return reply;
  });
}

export const geoCommands = [
  command("geoadd", -5, add),
  command("geopos", -2, (context, args) => {
    const set = sortedSetOf(context, args.text(0));
    return args.from(1).map((member) => {
      const point = pointOf(set, member);
      return point ? pointReply(point) : NO_ARRAY;
    });
  }),
  command("geodist", -4, distance),
  command("geosearch", -7, search),
];

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { Redis } from "ioredis";
import { type Target, targetSources } from "./targets.ts";

describe.each(targetSources.map((source) => [source.name, source] as const))("collections on %s", (_name, source) => {
  let target: Target;
  let redis: Redis;
  let key: (name: string) => string;

  beforeAll(async () => {
    target = await source.start();
    redis = target.connect();
    key = (name) => target.prefix + name;
  });
  afterAll(() => target.stop());

  test("hashes", async () => {
    await redis.hset(key("h"), { a: "1", b: "2" });
    expect(await redis.hgetall(key("h"))).toEqual({ a: "1", b: "2" });
    expect(await redis.hincrby(key("h"), "a", 4)).toBe(5);
    expect(await redis.hmget(key("h"), "a", "none")).toEqual(["5", null]);
    expect(await redis.hsetnx(key("h"), "a", "9")).toBe(0);
    expect(await redis.hdel(key("h"), "b")).toBe(1);
    expect(await redis.hlen(key("h"))).toBe(1);
    expect(await redis.hgetall(key("none"))).toEqual({});
  });

  test("a collection that becomes empty is gone", async () => {
    await redis.hset(key("eh"), "a", "1");
    await redis.hdel(key("eh"), "a");
    await redis.rpush(key("el"), "a");
    await redis.lpop(key("el"));
    await redis.sadd(key("es"), "a");
    await redis.srem(key("es"), "a");
    await redis.zadd(key("ez"), 1, "a");
    await redis.zrem(key("ez"), "a");
    expect(await redis.exists(key("eh"), key("el"), key("es"), key("ez"))).toBe(0);
  });

  test("lists", async () => {
    await redis.rpush(key("l"), "a", "b", "c");
    await redis.lpush(key("l"), "y", "x");
    expect(await redis.lrange(key("l"), 0, -1)).toEqual(["x", "y", "a", "b", "c"]);
    expect(await redis.lpop(key("l"), 2)).toEqual(["x", "y"]);
    expect(await redis.rpoplpush(key("l"), key("l2"))).toBe("c");
    expect(await redis.lmove(key("l"), key("l2"), "LEFT", "RIGHT")).toBe("a");
    expect(await redis.lrange(key("l2"), 0, -1)).toEqual(["c", "a"]);
    expect(await redis.lrem(key("l"), 0, "b")).toBe(1);
    expect(await redis.exists(key("l"))).toBe(0);
  });

  test("sets", async () => {
    await redis.sadd(key("s1"), "a", "b");
    await redis.sadd(key("s2"), "b", "c");
    expect(await redis.sismember(key("s1"), "a")).toBe(1);
    expect(await redis.sinter(key("s1"), key("s2"))).toEqual(["b"]);
    expect((await redis.sunion(key("s1"), key("s2"))).sort()).toEqual(["a", "b", "c"]);
    expect(await redis.sdiff(key("s1"), key("s2"))).toEqual(["a"]);
    expect(await redis.smismember(key("s1"), "a", "z")).toEqual([1, 0]);
    expect(["a", "b"]).toContain(String(await redis.spop(key("s1"))));
    expect(await redis.scard(key("s1"))).toBe(1);
  });

  test("sorted sets", async () => {
    await redis.zadd(key("z"), 1, "a", 2, "b", 3, "c");
    expect(await redis.zrange(key("z"), "0", "-1", "WITHSCORES")).toEqual(["a", "1", "b", "2", "c", "3"]);
    expect(await redis.zrangebyscore(key("z"), "(1", "+inf")).toEqual(["b", "c"]);
    expect(await redis.zincrby(key("z"), 5, "a")).toBe("6");
    expect(await redis.zrevrange(key("z"), 0, 0)).toEqual(["a"]);
    expect(await redis.zrank(key("z"), "b")).toBe(0);
    expect(await redis.zremrangebyscore(key("z"), 0, 2)).toBe(1);
    expect(await redis.zcard(key("z"))).toBe(2);
    expect(await redis.zpopmin(key("z"))).toEqual(["c", "3"]);
    expect(await redis.zscore(key("z"), "none")).toBeNull();
  });

  test("ZADD obeys GT, NX, CH and INCR; ZRANGE reads by score, backwards and within a limit", async () => {
    await redis.zadd(key("zz"), 5, "a");
    expect(await redis.zadd(key("zz"), "GT", 3, "a")).toBe(0);
    expect(await redis.zscore(key("zz"), "a")).toBe("5");
    expect(await redis.zadd(key("zz"), "NX", "CH", 6, "b", 1, "a")).toBe(1);
    expect(await redis.zadd(key("zz"), "INCR", 1, "b")).toBe("7");
    await redis.zadd(key("zz"), 9, "c");
    expect(await redis.zrange(key("zz"), "6", "10", "BYSCORE", "LIMIT", 0, 1)).toEqual(["b"]);
    expect(await redis.zrange(key("zz"), "10", "6", "BYSCORE", "REV")).toEqual(["c", "b"]);
    expect(await redis.zcount(key("zz"), 5, "(9")).toBe(2);
  });

  test("a sorted set keeps its order through a thousand changes", async () => {
    const scores = new Map<string, number>();
    const pipeline = redis.pipeline();
    for (let at = 0; at < 1_000; at += 1) {
      const member = `m${(at * 7) % 100}`;
      const score = (at * 37) % 101;
      scores.set(member, score);
      pipeline.zadd(key("order"), score, member);
      if (at % 50 === 0) pipeline.zrange(key("order"), "0", "0");
    }
    await pipeline.exec();
    const expected = [...scores].sort(([a, x], [b, y]) => x - y || (a < b ? -1 : 1)).map(([member]) => member);
    expect(await redis.zrange(key("order"), "0", "-1")).toEqual(expected);
  });

  test("places are stored, measured and found", async () => {
    await redis.geoadd(key("g"), 13.361389, 38.115556, "Palermo", 15.087269, 37.502669, "Catania");
    const [position] = await redis.geopos(key("g"), "Palermo");
    expect(Number(position?.[0])).toBeCloseTo(13.361389, 4);
    expect(Number(await redis.geodist(key("g"), "Palermo", "Catania", "KM"))).toBeCloseTo(166.2742, 3);
    const near = await redis.call("GEOSEARCH", key("g"), "FROMLONLAT", "15", "37", "BYRADIUS", "100", "km", "ASC");
    expect(near).toEqual(["Catania"]);
  });
});

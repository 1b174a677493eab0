import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { packEnvelope, SET_IF_NEWER_LUA } from "@stoa/read-models";
import type { Redis } from "ioredis";
import { eventually, type Target, targetSources } from "./targets.ts";

describe.each(targetSources.map((source) => [source.name, source] as const))(
  "what the shop does, on %s",
  (_name, source) => {
    let target: Target;
    let redis: Redis;
    let key: (name: string) => string;

    beforeAll(async () => {
      target = await source.start();
      redis = target.connect();
      key = (name) => target.prefix + name;
    });
    afterAll(() => target.stop());

    const write = (
      name: string,
      major: number,
      minor: number,
      ttlSeconds = "0",
      body = `{"is":"${major}.${minor}"}`,
    ) => {
      const envelope = packEnvelope({ version: { major, minor }, etag: `"${major}.${minor}"`, writtenAt: minor, body });
      return redis.eval(SET_IF_NEWER_LUA, 1, key(name), major, minor, envelope, ttlSeconds);
    };
    const version = async (name: string) => (await redis.get(key(name)))?.split(" ")[0];

    test("an older read model never overwrites a newer one", async () => {
      expect(await write("p", 3, 7)).toBe(1);
      expect(await write("p", 3, 7)).toBe(0);
      expect(await write("p", 3, 6)).toBe(0);
      expect(await write("p", 2, 99)).toBe(0);
      expect(await version("p")).toBe("3.7");
      expect(await write("p", 3, 8)).toBe(1);
      expect(await write("p", 10, 0)).toBe(1);
      expect(await version("p")).toBe("10.0");
    });

    test("a newer read model that tells the same is written, and said to tell the same", async () => {
      const same = '{"in":true}\n[%]';
      expect(await write("same", 1, 1, "0", same)).toBe(1);
      expect(await write("same", 1, 2, "0", same)).toBe(2);
      expect(await version("same")).toBe("1.2");
      expect(await write("same", 1, 2, "0", same)).toBe(0);
      expect(await write("same", 1, 3, "0", '{"in":false}')).toBe(1);
    });

    test("versions are compared as numbers, also where 32 bits would not hold them", async () => {
      expect(await write("big", 1, 1_700_000_000_123)).toBe(1);
      expect(await write("big", 1, 1_700_000_000_122)).toBe(0);
      expect(await write("big", 1, 1_700_000_000_124)).toBe(1);
      expect(await version("big")).toBe("1.1700000000124");
    });

    test("of a hundred writers in any order the newest wins", async () => {
      const clients = Array.from({ length: 4 }, () => target.connect());
      const minors = Array.from({ length: 100 }, (_, at) => (at * 37) % 100);
      await Promise.all(
        minors.map((minor, at) =>
          clients[at % 4]?.eval(SET_IF_NEWER_LUA, 1, key("race"), 1, minor, `1.${minor} "e" 1\n`, "0"),
        ),
      );
      expect(await version("race")).toBe("1.99");
    });

    test("a read model may have a time to live, and what is no envelope is replaced", async () => {
      await redis.set(key("ttl"), "something else");
      expect(await write("ttl", 1, 1, "60")).toBe(1);
      expect(await redis.ttl(key("ttl"))).toBeWithin(1, 61);
      expect(await write("ttl", 1, 2)).toBe(1);
      expect(await redis.ttl(key("ttl"))).toBe(-1);
    });

    test("sessions are kept, taken once and counted, as better-auth's secondary storage asks", async () => {
      const session = JSON.stringify({ session: { token: "t" }, user: { name: "Zoë" } });
      await redis.set(key("auth:t"), session, "EX", 300);
      expect(await redis.get(key("auth:t"))).toBe(session);
      expect(await redis.getdel(key("auth:t"))).toBe(session);
      expect(await redis.getdel(key("auth:t"))).toBeNull();
      const increment =
        "local n = redis.call('INCR', KEYS[1]) if n == 1 then redis.call('EXPIRE', KEYS[1], ARGV[1]) end return n";
      expect(await redis.eval(increment, 1, key("auth:attempts"), 60)).toBe(1);
      expect(await redis.eval(increment, 1, key("auth:attempts"), 60)).toBe(2);
      expect(await redis.ttl(key("auth:attempts"))).toBeWithin(1, 61);
    });

    test("a token bucket refills with time and never goes below nothing", async () => {
      const bucket = `
      local state = redis.call('HMGET', KEYS[1], 'tokens', 'at')
      local now, capacity, perSecond = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
      local tokens = tonumber(state[1] or capacity)
      local elapsed = math.max(0, now - tonumber(state[2] or now))
      tokens = math.min(capacity, tokens + elapsed * perSecond / 1000)
      local allowed = tokens >= 1
      if allowed then tokens = tokens - 1 end
      redis.call('HSET', KEYS[1], 'tokens', tokens, 'at', now)
      redis.call('PEXPIRE', KEYS[1], 60000)
      return { allowed and 1 or 0, math.floor(tokens) }`;
      const take = (now: number) => redis.eval(bucket, 1, key("bucket"), now, 2, 10);
      const start = 1_700_000_000_000;
      expect(await take(start)).toEqual([1, 1]);
      expect(await take(start)).toEqual([1, 0]);
      expect(await take(start)).toEqual([0, 0]);
      expect(await take(start + 150)).toEqual([1, 0]);
    });

    test("a change is announced to every edge, and each waiter for an order hears of its own", async () => {
      const edges = [target.connect(), target.connect()];
      const heard: string[] = [];
      for (const [at, edge] of edges.entries()) {
        edge.on("message", (channel, message) => heard.push(`${at} ${channel.slice(target.prefix.length)} ${message}`));
        await edge.subscribe(key("invalidate"));
      }
      await edges[0]?.subscribe(key("order:1"));
      await redis.publish(key("invalidate"), "a\nb");
      await redis.publish(key("order:1"), "paid");
      await eventually(() => heard.length === 3);
      expect(heard.sort()).toEqual(["0 invalidate a\nb", "0 order:1 paid", "1 invalidate a\nb"]);
    });
  },
);

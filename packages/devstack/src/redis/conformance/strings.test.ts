import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { Redis } from "ioredis";
import { eventually, type Target, targetSources } from "./targets.ts";

describe.each(targetSources.map((source) => [source.name, source] as const))(
  "strings and keys on %s",
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

    test("a value is set, read, counted and deleted", async () => {
      expect(await redis.set(key("a"), "1")).toBe("OK");
      expect(await redis.get(key("a"))).toBe("1");
      expect(await redis.exists(key("a"))).toBe(1);
      expect(await redis.del(key("a"))).toBe(1);
      expect(await redis.get(key("a"))).toBeNull();
    });

    test("SET obeys NX, XX, EX, KEEPTTL and GET", async () => {
      expect(await redis.set(key("lock"), "one", "EX", 10, "NX")).toBe("OK");
      expect(await redis.set(key("lock"), "two", "EX", 10, "NX")).toBeNull();
      expect(await redis.set(key("lock"), "three", "KEEPTTL")).toBe("OK");
      expect(await redis.ttl(key("lock"))).toBeWithin(1, 11);
      expect(await redis.set(key("lock"), "four", "GET")).toBe("three");
      expect(await redis.ttl(key("lock"))).toBe(-1);
      expect(await redis.set(key("nothing"), "1", "XX")).toBeNull();
    });

    test("a key with a time to live vanishes", async () => {
      const begun = await redis.multi().set(key("brief"), "1", "PX", 30).get(key("brief")).exec();
      expect(begun?.at(-1)).toEqual([null, "1"]);
      await eventually(async () => (await redis.get(key("brief"))) === null);
      expect(await redis.ttl(key("brief"))).toBe(-2);
      expect(await redis.exists(key("brief"))).toBe(0);
    });

    test("EXPIRE obeys NX and GT, PERSIST takes the time to live away", async () => {
      await redis.set(key("e"), "1");
      expect(await redis.expire(key("e"), 100, "GT")).toBe(0);
      expect(await redis.expire(key("e"), 100, "NX")).toBe(1);
      expect(await redis.expire(key("e"), 50, "GT")).toBe(0);
      expect(await redis.persist(key("e"))).toBe(1);
      expect(await redis.ttl(key("e"))).toBe(-1);
    });

    test("counters count, and refuse what is no number", async () => {
      expect(await redis.incr(key("n"))).toBe(1);
      expect(await redis.incrby(key("n"), 5)).toBe(6);
      expect(await redis.decr(key("n"))).toBe(5);
      expect(await redis.incrbyfloat(key("f"), 0.5)).toBe("0.5");
      await redis.set(key("s"), "x");
      await expect(redis.incr(key("s"))).rejects.toThrow("not an integer");
    });

    test("a command for another type is refused and changes nothing", async () => {
      await redis.set(key("text"), "x");
      await expect(redis.lpush(key("text"), "1")).rejects.toThrow("WRONGTYPE");
      await expect(redis.hset(key("text"), "a", "1")).rejects.toThrow("WRONGTYPE");
      expect(await redis.get(key("text"))).toBe("x");
    });

    test("any bytes survive", async () => {
      const bytes = Buffer.from(Array.from({ length: 256 }, (_, at) => at));
      await redis.set(key("bytes"), bytes);
      expect(await redis.getBuffer(key("bytes"))).toEqual(bytes);
      await redis.set(key("text"), "Größe – 価格");
      expect(await redis.get(key("text"))).toBe("Größe – 価格");
    });

    test("a value of eight megabytes arrives whole", async () => {
      const value = "0123456789abcdef".repeat(524_288);
      await redis.set(key("large"), value);
      expect((await redis.get(key("large"))) === value).toBe(true);
    });

    test("MGET, MSET, SETEX, GETDEL, GETEX, STRLEN and APPEND", async () => {
      await redis.mset(key("m1"), "1", key("m2"), "2");
      expect(await redis.mget(key("m1"), key("m2"), key("none"))).toEqual(["1", "2", null]);
      await redis.setex(key("e1"), 10, "v");
      expect(await redis.getdel(key("e1"))).toBe("v");
      expect(await redis.exists(key("e1"))).toBe(0);
      await redis.set(key("e2"), "1");
      expect(await redis.getex(key("e2"), "EX", 100)).toBe("1");
      expect(await redis.ttl(key("e2"))).toBeGreaterThan(0);
      expect(await redis.append(key("ap"), "abc")).toBe(3);
      expect(await redis.strlen(key("ap"))).toBe(3);
    });

    test("SCAN meets every key that stays, even while others come and go", async () => {
      const kept = Array.from({ length: 300 }, (_, at) => key(`scan:${at}`));
      await redis.mset(kept.flatMap((name) => [name, "x"]));
      const doomed = Array.from({ length: 200 }, (_, at) => key(`doomed:${at}`));
      await redis.mset(doomed.flatMap((name) => [name, "x"]));
      const met = new Set<string>();
      let cursor = "0";
      do {
        const [next, names] = await redis.scan(cursor, "MATCH", key("scan:*"), "COUNT", 20);
        for (const name of names) met.add(name);
        const gone = doomed.pop();
        if (gone) await redis.del(gone);
        await redis.set(key(`new:${cursor}`), "x");
        cursor = next;
      } while (cursor !== "0");
      expect([...met].sort()).toEqual(kept.sort());
    });

    test("walks by SCAN at the same time do not disturb each other, and a cursor may be used again", async () => {
      const kept = Array.from({ length: 300 }, (_, at) => key(`walk:${at}`));
      await redis.mset(kept.flatMap((name) => [name, "x"]));
      const step = async (walk: { cursor: string; met: Set<string> }) => {
        const [next, names] = await redis.scan(walk.cursor, "MATCH", key("walk:*"), "COUNT", 20);
        for (const name of names) walk.met.add(name);
        walk.cursor = next;
      };
      const walks = [0, 1, 2].map(() => ({ cursor: "0", met: new Set<string>() }));
      do {
        for (const walk of walks) if (walk.cursor !== "0" || walk.met.size === 0) await step(walk);
        const [first] = walks;
        if (first && first.cursor !== "0") await redis.scan(first.cursor, "COUNT", 20);
      } while (walks.some(({ cursor }) => cursor !== "0"));
      for (const { met } of walks) expect([...met].sort()).toEqual(kept.toSorted());
    });

    test("RENAME takes the time to live along, TYPE names the type", async () => {
      await redis.set(key("old"), "x", "EX", 100);
      await redis.rename(key("old"), key("new"));
      expect(await redis.get(key("new"))).toBe("x");
      expect(await redis.ttl(key("new"))).toBeGreaterThan(0);
      expect(await redis.type(key("new"))).toBe("string");
      expect(await redis.type(key("old"))).toBe("none");
      await expect(redis.rename(key("old"), key("other"))).rejects.toThrow("no such key");
    });

    test("databases are apart from each other", async () => {
      const other = target.connect(5);
      await redis.set(key("apart"), "zero");
      expect(await other.get(key("apart"))).toBeNull();
      await other.set(key("apart"), "five");
      expect(await redis.get(key("apart"))).toBe("zero");
      await other.del(key("apart"));
    });

    test("bits are set, counted and found", async () => {
      expect(await redis.setbit(key("b"), 7, 1)).toBe(0);
      expect(await redis.getbit(key("b"), 7)).toBe(1);
      expect(await redis.bitcount(key("b"))).toBe(1);
      expect(await redis.bitpos(key("b"), 1)).toBe(7);
    });

    test("a HyperLogLog counts within two percent, also a merged one", async () => {
      for (const half of ["one", "two"]) {
        const elements = Array.from({ length: 5_000 }, (_, at) => `${half}-${at}`);
        await redis.pfadd(key(half), ...elements, ...elements);
      }
      expect(await redis.pfcount(key("one"))).toBeWithin(4_900, 5_101);
      await redis.pfmerge(key("both"), key("one"), key("two"));
      expect(await redis.pfcount(key("both"))).toBeWithin(9_800, 10_201);
    });

    test("the server tells about itself", async () => {
      expect(await redis.info()).toContain("redis_version");
      expect(await redis.dbsize()).toBeGreaterThan(0);
      expect(await redis.client("SETNAME", "conformance")).toBe("OK");
      expect(await redis.client("GETNAME")).toBe("conformance");
      expect(await redis.config("GET", "maxmemory-policy")).toEqual(["maxmemory-policy", "noeviction"]);
      expect(Number((await redis.time())[0])).toBeGreaterThan(1_700_000_000);
    });

    test("an unknown command and a wrong number of arguments are refused", async () => {
      await expect(redis.call("NOSUCH", "x")).rejects.toThrow("unknown command");
      await expect(redis.call("GET")).rejects.toThrow("wrong number of arguments");
      expect(await redis.ping()).toBe("PONG");
    });
  },
);

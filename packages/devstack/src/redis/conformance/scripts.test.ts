import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { Redis } from "ioredis";
import { type Target, targetSources } from "./targets.ts";

describe.each(targetSources.map((source) => [source.name, source] as const))("scripts on %s", (_name, source) => {
  let target: Target;
  let redis: Redis;
  let key: (name: string) => string;

  beforeAll(async () => {
    target = await source.start();
    redis = target.connect();
    key = (name) => target.prefix + name;
  });
  afterAll(() => target.stop());

  const run = (script: string, keys: readonly string[] = [], args: readonly (string | number)[] = []) =>
    redis.eval(script, keys.length, ...keys, ...args);

  test("a lock is released by its owner only", async () => {
    await redis.set(key("lock"), "mine");
    const release = "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) else return 0 end";
    expect(await run(release, [key("lock")], ["another's"])).toBe(0);
    expect(await run(release, [key("lock")], ["mine"])).toBe(1);
  });

  test("a script is loaded once and then called by its hash", async () => {
    const sha = String(await redis.script("LOAD", "return ARGV[1] .. '!'"));
    expect(await redis.evalsha(sha, 0, "hey")).toBe("hey!");
    expect(await redis.script("EXISTS", sha, "0".repeat(40))).toEqual([1, 0]);
    await expect(redis.evalsha("f".repeat(40), 0)).rejects.toThrow("NOSCRIPT");
  });

  test("a sliding window lets through no more than its limit", async () => {
    const script = `
      redis.call('zremrangebyscore', KEYS[1], 0, ARGV[1] - ARGV[2])
      local count = redis.call('zcard', KEYS[1])
      if count >= tonumber(ARGV[3]) then return {0, count} end
      redis.call('zadd', KEYS[1], ARGV[1], ARGV[1] .. '-' .. count)
      redis.call('pexpire', KEYS[1], ARGV[2])
      return {1, count + 1}`;
    const now = 1_700_000_000_000;
    expect(await run(script, [key("rate")], [now, 60_000, 2])).toEqual([1, 1]);
    expect(await run(script, [key("rate")], [now + 1, 60_000, 2])).toEqual([1, 2]);
    expect(await run(script, [key("rate")], [now + 2, 60_000, 2])).toEqual([0, 2]);
    expect(await run(script, [key("rate")], [now + 60_001, 60_000, 2])).toEqual([1, 1]);
    expect(await redis.zrange(key("rate"), "0", "-1")).toEqual([`${now + 60_001}-0`]);
  });

  test("numbers are doubles: large ones neither wrap round nor grow a fraction", async () => {
    const script = `
      local seconds = tonumber(ARGV[1])
      local ms = seconds * 1000
      redis.call('set', KEYS[1], ms)
      return {ms, tostring(ms), ms .. '', math.floor(ms / 7) * 3, string.format('%d', ms), tostring(6 / 2)}`;
    expect(await run(script, [key("number")], [1_700_000_000])).toEqual([
      1_700_000_000_000,
      "1700000000000",
      "1700000000000",
      Math.floor(1_700_000_000_000 / 7) * 3,
      "1700000000000",
      "3",
    ]);
    expect(await redis.get(key("number"))).toBe("1700000000000");
  });

  test("replies are converted as Redis does", async () => {
    expect(await run("return 3.9")).toBe(3);
    expect(await run("return redis.call('get', KEYS[1]) == false", [key("none")])).toBe(1);
    expect(await run("return {1, {2, 'x'}, false, nil, 5}")).toEqual([1, [2, "x"], null]);
    expect(await run("return redis.status_reply('FINE')")).toBe("FINE");
    await expect(run("return redis.error_reply('MY refusal')")).rejects.toThrow("MY refusal");
    expect(await run("return redis.call('set', KEYS[1], '1').ok", [key("ok")])).toBe("OK");
  });

  test("a refused command ends the script, unless it was called with pcall", async () => {
    await redis.set(key("s"), "x");
    await expect(run("redis.call('incr', KEYS[1]) return 1", [key("s")])).rejects.toThrow("not an integer");
    expect(await run("local r = redis.pcall('incr', KEYS[1]) return r.err ~= nil", [key("s")])).toBe(1);
    await expect(run("return redis.call('nosuch')")).rejects.toThrow("Unknown Redis command");
    await expect(run("return redis.call('blpop', KEYS[1], 0)", [key("q")])).rejects.toThrow("not allowed from script");
  });

  test("what a script wrote before it failed stays written", async () => {
    await expect(run("redis.call('set', KEYS[1], '1') error('stop')", [key("half")])).rejects.toThrow("stop");
    expect(await redis.get(key("half"))).toBe("1");
  });

  test("globals can be neither made nor misspelt, and nothing reaches outside", async () => {
    await expect(run("total = 1")).rejects.toThrow("readonly");
    await expect(run("return totl")).rejects.toThrow("nonexistent global variable 'totl'");
    await expect(run("return os.time()")).rejects.toThrow();
    await expect(run("return io.open('/etc/passwd')")).rejects.toThrow();
    await expect(run("return require('fs')")).rejects.toThrow();
  });

  test("JSON goes both ways", async () => {
    const bump = "local t = cjson.decode(ARGV[1]) t.n = t.n + 1 return cjson.encode({ n = t.n })";
    expect(await run(bump, [], ['{"n":1}'])).toBe('{"n":2}');
    const echo = "return cjson.encode(cjson.decode(ARGV[1]))";
    for (const json of ['[1,null,true,1.5,"ü"]', '{"a":{"b":[]}}'.replace("[]", "{}"), '"x\\ny"', "1700000000000"]) {
      expect(await run(echo, [], [json])).toBe(json);
    }
    await expect(run(echo, [], ["{bad"])).rejects.toThrow("Expected");
  });

  test("the names of Lua 5.1 are there", async () => {
    const script = `
      local a = { 'SET', KEYS[1], 'v' }
      redis.call(unpack(a))
      return { redis.call('GET', KEYS[1]), math.pow(2, 10), table.getn({ 1, 2 }), loadstring('return 5')(), bit.band(6, 3) }`;
    expect(await run(script, [key("lua51")])).toEqual(["v", 1024, 2, 5, 2]);
    expect(await run("return redis.sha1hex('a')")).toBe("86f7e437faa5a7fce15d1ddcb9eaeaea377667b8");
    await redis.hset(key("hash"), "x", "1");
    expect(await run("local h = redis.call('hgetall', KEYS[1]) return { #h, h[1], h[2] }", [key("hash")])).toEqual([
      2,
      "x",
      "1",
    ]);
  });

  test("two hundred increments by eight clients make two hundred", async () => {
    await redis.set(key("count"), 0);
    const clients = Array.from({ length: 8 }, () => target.connect());
    const script = "local v = tonumber(redis.call('get', KEYS[1])) redis.call('set', KEYS[1], v + 1) return v";
    await Promise.all(
      clients.flatMap((client) => Array.from({ length: 25 }, () => client.eval(script, 1, key("count")))),
    );
    expect(await redis.get(key("count"))).toBe("200");
  });
});

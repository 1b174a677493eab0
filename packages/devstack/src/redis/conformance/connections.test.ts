import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { Redis } from "ioredis";
import { eventually, type Target, targetSources } from "./targets.ts";

describe.each(targetSources.map((source) => [source.name, source] as const))("connections on %s", (_name, source) => {
  let target: Target;
  let redis: Redis;
  let key: (name: string) => string;

  beforeAll(async () => {
    target = await source.start();
    redis = target.connect();
    key = (name) => target.prefix + name;
  });
  afterAll(() => target.stop());

  const untilBlocked = (count: number) =>
    eventually(async () => (await redis.info("clients")).includes(`blocked_clients:${count}\r\n`));

  test("a pipeline answers in order and keeps going after a refusal", async () => {
    const replies = await redis.pipeline().set(key("p"), "x").incr(key("p")).get(key("p")).exec();
    expect(replies?.[0]).toEqual([null, "OK"]);
    expect(String(replies?.[1]?.[0])).toContain("not an integer");
    expect(replies?.[2]).toEqual([null, "x"]);
  });

  test("MULTI runs everything at once", async () => {
    expect(await redis.multi().set(key("mx"), "1").incr(key("mx")).exec()).toEqual([
      [null, "OK"],
      [null, 2],
    ]);
  });

  test("a transaction with a command that does not exist is refused as a whole", async () => {
    const client = target.connect();
    await client.multi({ pipeline: false });
    await client.set(key("tx"), "1");
    await expect(client.call("NOSUCH")).rejects.toThrow("unknown command");
    await expect(client.exec()).rejects.toThrow("EXECABORT");
    expect(await redis.exists(key("tx"))).toBe(0);
  });

  test("WATCH stops EXEC when a key has changed, and only then", async () => {
    const client = target.connect();
    await client.set(key("w"), "1");
    await client.watch(key("w"));
    await redis.set(key("w"), "2");
    expect(await client.multi().set(key("w"), "3").exec()).toBeNull();
    expect(await client.get(key("w"))).toBe("2");
    await client.watch(key("w"));
    expect(await client.multi().set(key("w"), "4").exec()).toEqual([[null, "OK"]]);
  });

  test("WATCH notices a key that expires", async () => {
    const client = target.connect();
    await client.pipeline().set(key("we"), "1", "PX", 300).watch(key("we")).exec();
    await eventually(async () => (await redis.exists(key("we"))) === 0);
    expect(await client.multi().set(key("we"), "2").exec()).toBeNull();
  });

  test("a message reaches its channel and its pattern", async () => {
    const subscriber = target.connect();
    const got: string[][] = [];
    subscriber.on("message", (channel, message) => got.push([channel, message]));
    subscriber.on("pmessage", (pattern, channel, message) => got.push([pattern, channel, message]));
    await subscriber.subscribe(key("news"));
    await subscriber.psubscribe(key("ev.*"));
    expect(await redis.publish(key("news"), "hello")).toBe(1);
    expect(await redis.publish(key("ev.x"), "one")).toBe(1);
    expect(await redis.publish(key("nobody"), "two")).toBe(0);
    await eventually(() => got.length === 2);
    expect(got).toEqual([
      [key("news"), "hello"],
      [key("ev.*"), key("ev.x"), "one"],
    ]);
    await subscriber.unsubscribe(key("news"));
    expect(await redis.publish(key("news"), "again")).toBe(0);
  });

  test("a closed subscriber is no longer counted", async () => {
    const subscriber = target.connect();
    await subscriber.subscribe(key("leaving"));
    subscriber.disconnect();
    expect(await eventually(async () => (await redis.publish(key("leaving"), "x")) === 0)).toBe(true);
  });

  test("BLPOP wakes whoever has waited longest", async () => {
    const first = target.connect();
    const second = target.connect();
    const firstJob = first.blpop(key("q"), 30);
    await untilBlocked(1);
    const secondJob = second.blpop(key("q"), 30);
    await untilBlocked(2);
    await redis.rpush(key("q"), "one", "two");
    expect(await firstJob).toEqual([key("q"), "one"]);
    expect(await secondJob).toEqual([key("q"), "two"]);
    expect(await redis.exists(key("q"))).toBe(0);
  });

  test("what a client sent behind a blocking command waits for it", async () => {
    const client = target.connect();
    const order: string[] = [];
    const job = client.blpop(key("behind"), 30).then(() => order.push("job"));
    const pong = client.ping().then(() => order.push("pong"));
    await untilBlocked(1);
    await redis.rpush(key("behind"), "x");
    await Promise.all([job, pong]);
    expect(order).toEqual(["job", "pong"]);
  });

  test("a push inside MULTI serves the waiter only when the transaction is done", async () => {
    const client = target.connect();
    const job = client.blpop(key("mq"), 30);
    await untilBlocked(1);
    await redis.multi().rpush(key("mq"), "a").lpush(key("mq"), "b").exec();
    expect(await job).toEqual([key("mq"), "b"]);
  });

  test("BLPOP gives up after its time-out, and the connection goes on", async () => {
    const client = target.connect();
    expect(await client.blpop(key("empty"), 0.02)).toBeNull();
    expect(await client.blmove(key("empty"), key("other"), "LEFT", "RIGHT", 0.02)).toBeNull();
    expect(await client.ping()).toBe("PONG");
  });

  test("a client that left while it waited takes nothing", async () => {
    const leaving = target.connect();
    const abandoned = leaving.blpop(key("left"), 0).catch(() => "cut");
    await untilBlocked(1);
    leaving.disconnect();
    expect(await abandoned).toBe("cut");
    await untilBlocked(0);
    await redis.rpush(key("left"), "kept");
    expect(await redis.lrange(key("left"), 0, -1)).toEqual(["kept"]);
  });

  test("BZPOPMIN and XREAD BLOCK wake as well", async () => {
    const client = target.connect();
    const popped = client.bzpopmin(key("bz"), 30);
    await untilBlocked(1);
    await redis.zadd(key("bz"), 4, "job");
    expect(await popped).toEqual([key("bz"), "job", "4"]);
    await redis.xadd(key("bx"), "1-1", "a", "1");
    const read = client.xread("BLOCK", 30_000, "STREAMS", key("bx"), "1-1");
    await untilBlocked(1);
    await redis.xadd(key("bx"), "2-1", "b", "2");
    expect(await read).toEqual([[key("bx"), [["2-1", ["b", "2"]]]]]);
  });

  test("a stream is appended, read and trimmed", async () => {
    const id = await redis.xadd(key("st"), "*", "k", "v");
    expect(id).toMatch(/^\d+-\d+$/);
    await redis.xadd(key("st"), "MAXLEN", 2, "*", "k", "w");
    await redis.xadd(key("st"), "MAXLEN", 2, "*", "k", "x");
    const entries = await redis.xrange(key("st"), "-", "+");
    expect(entries.map(([, fields]) => fields)).toEqual([
      ["k", "w"],
      ["k", "x"],
    ]);
    await expect(redis.xadd(key("st"), "1-1", "k", "old")).rejects.toThrow("equal or smaller");
  });

  test("a consumer group hands out each entry once, remembers it until acknowledged, and lets another claim it", async () => {
    await redis.xadd(key("gs"), "1-1", "k", "v1");
    await redis.xadd(key("gs"), "2-1", "k", "v2");
    await redis.xgroup("CREATE", key("gs"), "group", "0");
    const read = (consumer: string, from: string) =>
      redis.xreadgroup("GROUP", "group", consumer, "COUNT", 1, "STREAMS", key("gs"), from);
    expect(await read("one", ">")).toEqual([[key("gs"), [["1-1", ["k", "v1"]]]]]);
    expect(await read("two", ">")).toEqual([[key("gs"), [["2-1", ["k", "v2"]]]]]);
    expect(await read("two", ">")).toBeNull();
    expect(await read("one", "0")).toEqual([[key("gs"), [["1-1", ["k", "v1"]]]]]);
    expect(await redis.xclaim(key("gs"), "group", "two", 0, "1-1")).toEqual([["1-1", ["k", "v1"]]]);
    expect(await redis.xack(key("gs"), "group", "1-1", "2-1")).toBe(2);
    expect((await redis.xpending(key("gs"), "group"))[0]).toBe(0);
    await expect(redis.xgroup("CREATE", key("gs"), "group", "0")).rejects.toThrow("BUSYGROUP");
  });
});

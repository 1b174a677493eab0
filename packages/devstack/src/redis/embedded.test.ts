import { afterEach, describe, expect, test } from "bun:test";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Redis } from "ioredis";
import { startRedis } from "./index.ts";

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), "stoa-redis-test-"));
  cleanups.push(() => rm(path, { recursive: true, force: true }));
  return path;
}

async function start(dataDir: string | null = null, faultSeed?: number) {
  const faults = faultSeed === undefined ? undefined : { seed: faultSeed };
  const server = await startRedis({ port: 0, dataDir, faults });
  cleanups.push(() => server.stop());
  return server;
}

function client(url: string): Redis {
  const redis = new Redis(url, { maxRetriesPerRequest: 0, retryStrategy: () => null, enableReadyCheck: false });
  redis.on("error", () => undefined);
  cleanups.push(async () => redis.disconnect());
  return redis;
}

/** Sends bytes as they are and collects what comes back until the server closes. */
async function talk(port: number, text: string): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  let answer = "";
  await Bun.connect({
    hostname: "127.0.0.1",
    port,
    socket: {
      open: (socket) => void socket.write(text),
      data: (_socket, bytes) => {
        answer += bytes.toString("latin1");
      },
      close: () => resolve(answer),
    },
  });
  return promise;
}

describe("keeping", () => {
  test("every type survives a restart, with what is left of its time to live", async () => {
    const dataDir = await folder();
    const before = await start(dataDir);
    const redis = client(before.url);
    const bytes = Buffer.from([0, 13, 10, 36, 42, 255]);
    await redis.set("string", bytes, "EX", 100);
    await redis.set("brief", "x", "PX", 1);
    await redis.hset("hash", { a: "1", b: "2" });
    await redis.rpush("list", "a", "b");
    await redis.sadd("set", "a", "b");
    await redis.zadd("zset", "-inf", "low", "1.5", "middle", "+inf", "high");
    await redis.xadd("stream", "1-1", "k", "ü");
    await redis.xgroup("CREATE", "stream", "group", "0");
    await redis.xreadgroup("GROUP", "group", "one", "STREAMS", "stream", ">");
    const other = client(`${before.url}/3`);
    await other.set("elsewhere", "3");
    await before.stop();

    const after = await start(dataDir);
    const again = client(after.url);
    expect(await again.getBuffer("string")).toEqual(bytes);
    expect(await again.ttl("string")).toBeWithin(1, 101);
    expect(await again.exists("brief")).toBe(0);
    expect(await again.hgetall("hash")).toEqual({ a: "1", b: "2" });
    expect(await again.lrange("list", 0, -1)).toEqual(["a", "b"]);
    expect((await again.smembers("set")).sort()).toEqual(["a", "b"]);
    expect(await again.zrange("zset", "0", "-1", "WITHSCORES")).toEqual([
      "low",
      "-inf",
      "middle",
      "1.5",
      "high",
      "inf",
    ]);
    expect(await again.xrange("stream", "-", "+")).toEqual([["1-1", ["k", "ü"]]]);
    expect((await again.xpending("stream", "group"))[0]).toBe(1);
    expect(await client(`${after.url}/3`).get("elsewhere")).toBe("3");
  });

  test("a snapshot that is not whole is not read, nor is a draft", async () => {
    const dataDir = await folder();
    const before = await start(dataDir);
    await client(before.url).mset("a", "1", "b", "2");
    await before.stop();
    const [file = ""] = await readdir(dataDir);
    const whole = await readFile(join(dataDir, file));
    await writeFile(join(dataDir, file), whole.subarray(0, whole.length - 8));
    await writeFile(join(dataDir, `${file}.draft`), whole);
    const after = await start(dataDir);
    expect(await client(after.url).dbsize()).toBe(0);
    expect(await readdir(dataDir)).toEqual([file]);
  });

  test("nothing is written when nothing has changed", async () => {
    const dataDir = await folder();
    const server = await start(dataDir);
    expect(await client(server.url).get("a")).toBeNull();
    await server.stop();
    expect(await readdir(dataDir)).toEqual([]);
  });
});

describe("faults", () => {
  test("without a seed there are no knobs", async () => {
    expect((await start()).faults).toBeNull();
  });

  test("a command fails as told, then behaves again", async () => {
    const server = await start(null, 1);
    const redis = client(server.url);
    server.faults?.arm({ operation: "get", action: { kind: "fail", code: "LOADING" }, times: 1 });
    await expect(redis.get("a")).rejects.toThrow("LOADING");
    expect(await redis.get("a")).toBeNull();
  });

  test("dropped before it happened, the write is not there; its answer lost after, it is", async () => {
    const server = await start(null, 1);
    server.faults?.arm({ operation: "set", action: { kind: "drop" }, times: 1 });
    await expect(client(server.url).set("dropped", "1")).rejects.toThrow();
    server.faults?.arm({ operation: "set", action: { kind: "loseAnswer" }, times: 1 });
    await expect(client(server.url).set("lost", "1")).rejects.toThrow();
    expect(await client(server.url).mget("dropped", "lost")).toEqual([null, "1"]);
  });

  test("a delayed command holds up its own connection and no other", async () => {
    const server = await start(null, 1);
    const slow = client(server.url);
    const quick = client(server.url);
    await Promise.all([slow.ping(), quick.ping()]);
    server.faults?.arm({ operation: "get", action: { kind: "delay", delayMs: 1_500 }, times: 1 });
    const order: string[] = [];
    const held = [slow.get("a").then(() => order.push("get")), slow.ping().then(() => order.push("ping"))];
    await quick.ping();
    order.push("quick");
    await Promise.all(held);
    expect(order).toEqual(["quick", "get", "ping"]);
  });

  test("a message is delivered twice", async () => {
    const server = await start(null, 1);
    const subscriber = client(server.url);
    const heard: string[] = [];
    subscriber.on("message", (_channel, message) => heard.push(message));
    await subscriber.subscribe("news");
    server.faults?.arm({ operation: "publish", action: { kind: "duplicate" }, times: 1 });
    const redis = client(server.url);
    await redis.publish("news", "a");
    await redis.publish("news", "b");
    await subscriber.ping();
    expect(heard).toEqual(["a", "a", "b"]);
  });
});

describe("limits", () => {
  test("a runaway script is ended, even one that catches its own errors, and the server goes on", async () => {
    const redis = client((await start()).url);
    await expect(redis.eval("while true do end", 0)).rejects.toThrow("ran for too long");
    const stubborn = "while true do pcall(function() while true do end end) end";
    await expect(redis.eval(stubborn, 0)).rejects.toThrow("ran for too long");
    await expect(redis.eval("return string.rep('x', 1e9)", 0)).rejects.toThrow("too large");
    expect(await redis.eval("return 1", 0)).toBe(1);
  });

  test("a bulk larger than the limit and a broken frame end the connection with an error", async () => {
    const { port } = await start();
    expect(await talk(port, "*2\r\n$3\r\nGET\r\n$99999999999\r\n")).toContain("invalid bulk length");
    expect(await talk(port, "*99999999\r\n")).toContain("invalid multibulk length");
    expect(await talk(port, "*1\r\n:5\r\n")).toContain("invalid bulk length");
  });

  test("RESP3 is refused so that clients go on with RESP2, and QUIT is answered before the connection ends", async () => {
    const { port } = await start();
    expect(await talk(port, "HELLO 3\r\nPING\r\nQUIT\r\n")).toBe(
      "-NOPROTO unsupported protocol version\r\n+PONG\r\n+OK\r\n",
    );
  });

  test("a reply of many megabytes reaches a client that reads slowly", async () => {
    const redis = client((await start()).url);
    const value = "x".repeat(4 * 1024 * 1024);
    await redis.set("large", value);
    const replies = await Promise.all(Array.from({ length: 8 }, () => redis.get("large")));
    expect(replies.every((reply) => reply === value)).toBe(true);
  });
});

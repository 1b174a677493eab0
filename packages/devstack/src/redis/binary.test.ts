import { describe, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Redis } from "ioredis";
import { startRedisBinary } from "./index.ts";

const binary = Bun.which("redis-server") ?? Bun.which("valkey-server") ?? "";

const isAlive = (pid: number) => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

describe.skipIf(binary === "")("a real server on the PATH", () => {
  test("keeps its data over a restart, says its version, and ends when stopped", async () => {
    const dataDir = await mkdtemp(join(tmpdir(), "stoa-redis-binary-"));
    try {
      const first = await startRedisBinary({ port: 0, dataDir, binary });
      expect(first.description).toMatch(/^(Redis|Valkey) \d+\.\d+/);
      expect(first.rung).toBe("binary");
      const redis = new Redis(first.url);
      await redis.set("a", "1");
      redis.disconnect();
      await first.stop();
      await first.stop();
      expect(isAlive(first.pid)).toBe(false);

      await using second = await startRedisBinary({ port: 0, dataDir, binary });
      const again = new Redis(second.url);
      expect(await again.get("a")).toBe("1");
      again.disconnect();
    } finally {
      await rm(dataDir, { recursive: true, force: true });
    }
  });

  test("ends with the process that started it", async () => {
    const script = `
      const { startRedisBinary } = await import(${JSON.stringify(join(import.meta.dir, "index.ts"))});
      const server = await startRedisBinary({ port: 0, dataDir: null, binary: ${JSON.stringify(binary)} });
      console.log(server.pid);
      process.exit(0);`;
    const parent = Bun.spawn([process.execPath, "-e", script], { stdout: "pipe", stderr: "inherit" });
    const pid = Number(await new Response(parent.stdout).text());
    expect(await parent.exited).toBe(0);
    expect(pid).toBeGreaterThan(0);
    const deadline = Date.now() + 30_000;
    while (isAlive(pid) && Date.now() < deadline) await Bun.sleep(10);
    expect(isAlive(pid)).toBe(false);
  });

  test("a binary that is no server is reported, not waited for", async () => {
    await expect(startRedisBinary({ port: 0, dataDir: null, binary: "/bin/false" })).rejects.toThrow("does not answer");
  });
});

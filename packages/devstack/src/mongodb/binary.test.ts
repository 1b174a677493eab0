import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MongoClient } from "mongodb";
import { startMongodBinary } from "./index.ts";
import { eventually } from "./testing.ts";

/** Takes the arguments of `mongod`, so that starting and stopping a program is tested where no `mongod` is. */
const LOOKALIKE = `#!${process.execPath}
import { startMongodb } from ${JSON.stringify(join(import.meta.dir, "index.ts"))};
const after = (name) => process.argv[process.argv.indexOf(name) + 1];
if (process.argv.includes("--version")) {
  console.log("db version v8.0.4");
} else {
  if (after("--bind_ip") !== "127.0.0.1") process.exit(1);
  const server = await startMongodb({ port: Number(after("--port")), dataDir: after("--dbpath") });
  process.on("SIGTERM", () => server.stop().then(() => process.exit(0)));
}
`;

const isAlive = (pid: number) => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

describe("a program started in place of the stand-in", () => {
  let folder: string;
  let binary: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "stoa-mongod-"));
    binary = Bun.which("mongod") ?? join(folder, "mongod.ts");
    if (!Bun.which("mongod")) {
      await writeFile(binary, LOOKALIKE);
      await chmod(binary, 0o755);
    }
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  test("answers when it is returned, keeps its data over a restart, and ends when stopped", async () => {
    const dataDir = join(folder, "data");
    const first = await startMongodBinary({ port: 0, dataDir, binary });
    expect(first.rung).toBe("binary");
    expect(first.description).toMatch(/^MongoDB \d+\.\d+/);
    const client = await new MongoClient(first.url).connect();
    await client.db("shop").collection("items").insertOne({ a: 1 });
    await client.close();
    await first.stop();
    await first.stop();
    expect(isAlive(first.pid)).toBe(false);

    await using second = await startMongodBinary({ port: 0, dataDir, binary });
    await using again = await new MongoClient(second.url).connect();
    expect(await again.db("shop").collection("items").countDocuments()).toBe(1);
  }, 60_000);

  test("ends with the process that started it", async () => {
    const script = `
      const { startMongodBinary } = await import(${JSON.stringify(join(import.meta.dir, "index.ts"))});
      const server = await startMongodBinary({ port: 0, dataDir: null, binary: ${JSON.stringify(binary)} });
      console.log(server.pid);
      process.exit(0);`;
    const parent = Bun.spawn([process.execPath, "-e", script], { stdout: "pipe" });
    const pid = Number(await new Response(parent.stdout).text());
    await parent.exited;
    expect(pid).toBeGreaterThan(0);
    expect(
      await eventually(
        async () => isAlive(pid),
        (alive) => !alive,
      ),
    ).toBe(false);
  }, 60_000);

  test("is reported, not waited for, when it is no server", async () => {
    await expect(startMongodBinary({ port: 0, dataDir: null, binary: "/bin/false" })).rejects.toThrow(
      "does not answer",
    );
  });
});

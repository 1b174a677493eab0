import { expect, setDefaultTimeout, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startQstash } from "./index.ts";
import { CURRENT_KEY, eventually, NEXT_KEY, newClient, startBench } from "./testing.ts";

// Servers start and crash here, on machines that may be busy with something else.
setDefaultTimeout(60_000);

const OPTIONS = {
  port: 0,
  token: "test-token",
  currentSigningKey: CURRENT_KEY,
  nextSigningKey: NEXT_KEY,
  timeScale: 0.001,
};

async function startInChild(dataDir: string): Promise<{ url: string; kill(): Promise<void> }> {
  const script = `
    import { startQstash } from ${JSON.stringify(join(import.meta.dir, "index.ts"))};
    const { url } = await startQstash(${JSON.stringify({ ...OPTIONS, dataDir })});
    console.log(url);`;
  const child = Bun.spawn([process.execPath, "-e", script], { stdout: "pipe" });
  const { value } = await child.stdout.getReader().read();
  const kill = async () => {
    child.kill("SIGKILL");
    await child.exited;
  };
  return { url: new TextDecoder().decode(value).trim(), kill };
}

async function withFolder(work: (dataDir: string) => Promise<void>): Promise<void> {
  const dataDir = mkdtempSync(join(tmpdir(), "stoa-qstash-"));
  try {
    await work(dataDir);
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
}

test("kill -9 in the middle of publishing and delivering loses no acknowledged message", () =>
  withFolder(async (dataDir) => {
    const arrived = new Set<string>();
    let answer = 503;
    const destination = Bun.serve({
      hostname: "127.0.0.1",
      port: 0,
      async fetch(request) {
        const body = await request.text();
        if (answer === 200) arrived.add(body);
        return new Response("", { status: answer });
      },
    });
    const acknowledged: string[] = [];
    const child = await startInChild(dataDir);
    const publishers = Array.from({ length: 8 }, async (_, publisher) => {
      for (let index = 0; ; index += 1) {
        const body = `${publisher}-${index}`;
        const published = await newClient(child.url)
          .publish({ url: destination.url.href, body, retries: 90, retryDelay: "20000" })
          .then(
            () => true,
            () => false,
          );
        if (!published) return;
        acknowledged.push(body);
      }
    });
    await eventually(() => acknowledged.length >= 300);
    await child.kill();
    await Promise.all(publishers);

    answer = 200;
    const again = await startInChild(dataDir);
    await eventually(() => acknowledged.every((body) => arrived.has(body)));
    await again.kill();
    await destination.stop(true);
    expect(acknowledged.length).toBeGreaterThanOrEqual(300);
  }));

test("queues, pauses, schedules, dead letters and deduplication survive a restart", () =>
  withFolder(async (dataDir) => {
    {
      await using bench = await startBench(() => new Response("", { status: 500 }), dataDir);
      const { client, destination } = bench;
      await client.queue({ queueName: "held" }).upsert({ parallelism: 3, paused: true });
      await client.queue({ queueName: "held" }).enqueueJSON({ url: `${destination}/held`, body: 1 });
      await client.flowControl.pin("k", { parallelism: 4 });
      await client.schedules.create({ destination, cron: "0 0 1 1 *", scheduleId: "yearly" });
      await client.publishJSON({ url: `${destination}/dead`, body: 1, retries: 0, deduplicationId: "d" });
      await eventually(async () => (await client.dlq.listMessages()).messages.length === 1);
    }
    await using qstash = await startQstash({ ...OPTIONS, dataDir });
    const client = newClient(qstash.url);
    expect(await client.queue({ queueName: "held" }).get()).toMatchObject({ parallelism: 3, paused: true, lag: 1 });
    expect(await client.flowControl.get("k")).toMatchObject({ parallelismMax: 4, isPinnedParallelism: true });
    expect((await client.schedules.list()).map(({ scheduleId }) => scheduleId)).toEqual(["yearly"]);
    expect((await client.dlq.listMessages()).messages).toHaveLength(1);
    const again = await client.publishJSON({ url: "http://127.0.0.1:1/", body: 1, deduplicationId: "d" });
    expect(again).toMatchObject({ deduplicated: true });
  }));

test("rotated keys stay rotated after a restart, until other keys are configured", () =>
  withFolder(async (dataDir) => {
    const headers = { authorization: "Bearer test-token" };
    const readKeys = async (url: string) => (await fetch(`${url}/v2/keys`, { headers })).json();
    {
      await using qstash = await startQstash({ ...OPTIONS, dataDir });
      await fetch(`${qstash.url}/v2/keys/rotate`, { method: "POST", headers });
    }
    {
      await using qstash = await startQstash({ ...OPTIONS, dataDir });
      expect(await readKeys(qstash.url)).toMatchObject({ current: NEXT_KEY });
    }
    await using qstash = await startQstash({ ...OPTIONS, currentSigningKey: "sig_other", dataDir });
    expect(await readKeys(qstash.url)).toEqual({ current: "sig_other", next: NEXT_KEY });
  }));

test("a stand-in without faults has none to arm", async () => {
  await using qstash = await startQstash({ ...OPTIONS, dataDir: null });
  expect(qstash.faults).toBeNull();
});

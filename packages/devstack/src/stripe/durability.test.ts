import { Database } from "bun:sqlite";
import { expect, test } from "bun:test";
import { mkdtempSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { clientOf, eventually, heldOrder, startReceiver, startTestStripe } from "./test-support.ts";

async function withDataDir(run: (dataDir: string) => Promise<void>): Promise<void> {
  const dataDir = mkdtempSync(join(tmpdir(), "stoa-stripe-"));
  try {
    await run(dataDir);
  } finally {
    await rm(dataDir, { recursive: true, force: true });
  }
}

/** A stand-in in a process of its own, that can be killed. */
async function startProcess(dataDir: string, webhookUrl: string) {
  const child = Bun.spawn([process.execPath, join(import.meta.dir, "test-process.ts"), dataDir, webhookUrl], {
    stdout: "pipe",
    stderr: "inherit",
  });
  const reader = child.stdout.getReader();
  const { value } = await reader.read();
  reader.releaseLock();
  return { child, port: Number(new TextDecoder().decode(value)) };
}

test("a killed process keeps every answered charge, its keys and the webhooks it owes", async () => {
  await withDataDir(async (dataDir) => {
    await using receiver = startReceiver();
    receiver.answer.status = 503;
    const { child, port } = await startProcess(dataDir, receiver.url);
    const answered = new Map<string, string>();
    const shop = clientOf({ port });
    const writers = Array.from({ length: 4 }, async (_, writer) => {
      for (let order = 0; order < 200; order += 1) {
        const key = `${writer}-${order}`;
        const intent = await shop.paymentIntents.create(heldOrder, { idempotencyKey: key });
        answered.set(key, intent.id);
      }
    });
    await eventually(() => expect(answered.size).toBeGreaterThan(40));
    child.kill("SIGKILL");
    await Promise.allSettled(writers);
    await child.exited;

    const before = receiver.hooks.length;
    receiver.answer.status = 200;
    await using server = await startTestStripe({ dataDir, webhookUrl: receiver.url });
    const stripe = clientOf(server);
    for (const [key, id] of answered) {
      expect((await stripe.paymentIntents.create(heldOrder, { idempotencyKey: key })).id).toBe(id);
    }
    await eventually(() => {
      const delivered = receiver.hooks
        .slice(before)
        .map(({ event }) => JSON.stringify([event.type, event.data.object]));
      const captured = delivered.filter((text) => text.includes("payment_intent.amount_capturable_updated"));
      for (const id of answered.values()) expect(captured.some((text) => text.includes(id))).toBe(true);
    });
  });
}, 60_000);

test("what a stand-in of an older Stoa still owes is delivered", async () => {
  await withDataDir(async (dataDir) => {
    const older = new Database(join(dataDir, "stripe.sqlite"), { create: true });
    older.run(`CREATE TABLE delivery (
      seq INTEGER PRIMARY KEY AUTOINCREMENT, event_id TEXT NOT NULL, body TEXT NOT NULL, attempts INTEGER NOT NULL DEFAULT 0,
      created_at INTEGER NOT NULL, due_at INTEGER NOT NULL, held INTEGER NOT NULL DEFAULT 0)`);
    const owed = "INSERT INTO delivery (event_id, body, created_at, due_at) VALUES (?, ?, ?, ?)";
    for (const id of ["evt_1", "evt_2"]) older.run(owed, [id, JSON.stringify({ id }), Date.now(), Date.now()]);
    older.close();
    await using receiver = startReceiver();
    await using server = await startTestStripe({ dataDir, webhookUrl: receiver.url });
    await eventually(() => expect(receiver.hooks.map(({ event }) => event.id)).toEqual(["evt_1", "evt_2"]));
    await clientOf(server).paymentIntents.create({ amount: 1_000, currency: "eur" });
    await eventually(() => expect(receiver.hooks.at(-1)?.event.type).toBe("payment_intent.created"));
  });
});

test("a stand-in started again goes on where it stopped", async () => {
  await withDataDir(async (dataDir) => {
    const first = await startTestStripe({ dataDir });
    const held = await clientOf(first).paymentIntents.create(heldOrder);
    await first.stop();
    await first.stop();
    await using second = await startTestStripe({ dataDir });
    const stripe = clientOf(second);
    expect((await stripe.paymentIntents.capture(held.id)).amount_received).toBe(5_990);
    expect((await stripe.events.list({ type: "charge.captured" })).data).toHaveLength(1);
  });
});

test("the books and the fault paths exist only when faults were asked for", async () => {
  await using open = await startTestStripe();
  await using closed = await startTestStripe({ faults: undefined });
  await clientOf(open).paymentIntents.create({ ...heldOrder, metadata: { order: "7" } });
  const books = await (await fetch(`${open.url}/_stoa/books`)).json();
  expect(books).toMatchObject({
    paymentIntents: [{ status: "requires_capture", amountCapturable: 5_990, metadata: { order: "7" } }],
    charges: [{ status: "succeeded", held: 5_990, captured: 0, refunded: 0 }],
    refunds: [],
  });
  const arm = (url: string, operation: string) =>
    fetch(`${url}/_stoa/faults`, { method: "POST", body: JSON.stringify({ operation, action: { kind: "drop" } }) });
  expect((await arm(open.url, "charges.retrieve")).status).toBe(200);
  expect((await arm(open.url, "charges.invent")).status).toBe(422);
  expect(closed.faults).toBeNull();
  const paths = [fetch(`${closed.url}/_stoa/books`), arm(closed.url, "*")];
  expect((await Promise.all(paths)).map((answer) => answer.status)).not.toContain(200);
});

import { expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { startBench } from "./testing.ts";

test("a mail sent over SMTP is listed, newest first, and found by its recipient", async () => {
  await using bench = await startBench();
  await bench.send({ subject: "First" });
  await bench.send({ to: "Grace@Example.com", subject: "Zweite: Größe 42 – 日本" });
  expect((await bench.mails()).map(({ subject }) => subject)).toEqual(["Zweite: Größe 42 – 日本", "First"]);
  expect((await bench.mails("?to=grace@example.com")).map(({ recipients }) => recipients)).toEqual([
    ["Grace@example.com"],
  ]);
  expect(await bench.mails("?to=nobody@example.com")).toEqual([]);
});

test("a mail can be read as text, as HTML, by its headers and its files", async () => {
  await using bench = await startBench();
  await bench.send({ html: "<p>Hello <b>Ada</b></p>", attachments: [{ filename: "rechnung ß.pdf", content: "%PDF" }] });
  const [mail] = await bench.mails();
  const one = z.looseObject({ html: z.string(), headers: z.array(z.unknown()) });
  const read = one.parse(await (await bench.get(`/api/mails/${mail?.id}`)).json());
  expect(read).toMatchObject({
    text: "Hello, Ada\n",
    files: [{ name: "rechnung ß.pdf", mimeType: "application/pdf" }],
  });
  expect(read.html).toContain("<b>Ada</b>");
  expect(read.headers).toContainEqual({ name: "subject", value: "Hello" });
  const file = await bench.get(`/mails/${mail?.id}/attachments/0`);
  expect(await file.text()).toBe("%PDF");
  expect(file.headers.get("content-disposition")).toStartWith("attachment");
  expect((await bench.get(`/mails/${mail?.id}/attachments/1`)).status).toBe(404);
  expect((await bench.get("/mails/none")).status).toBe(404);
});

test("what a mail says is never markup of the mailbox, and its own markup runs in a sandbox", async () => {
  await using bench = await startBench();
  await bench.send({
    subject: "<img src=x onerror=alert(1)>",
    text: "</pre><script>1</script>",
    html: "<script>1</script>",
  });
  const [mail] = await bench.mails();
  for (const path of ["/", `/mails/${mail?.id}`, `/mails/${mail?.id}?view=text`, `/mails/${mail?.id}?view=headers`]) {
    const answer = await bench.get(path);
    const body = await answer.text();
    expect(body).not.toContain("<script");
    expect(body).not.toContain("<img");
    expect(answer.headers.get("content-security-policy")).toStartWith("default-src 'none'");
  }
  const markup = await bench.get(`/mails/${mail?.id}/html`);
  expect(markup.headers.get("content-security-policy")).toStartWith("sandbox allow-popups");
});

test("a page of another name cannot read the mails", async () => {
  await using bench = await startBench();
  const answer = await bench.get("/api/mails", { headers: { host: "rebound.example" } });
  expect(answer.status).toBe(421);
});

test("a mail that was kept while its answer was lost is recognised when it comes again", async () => {
  await using bench = await startBench();
  bench.arm({ operation: "data", action: { kind: "loseAnswer" }, times: 1 });
  await expect(bench.send({ messageId: "<one@example.com>" })).rejects.toThrow();
  await bench.send({ messageId: "<one@example.com>" });
  const mails = await bench.mails();
  expect(mails.map(({ messageId, deliveries }) => ({ messageId, deliveries }))).toEqual([
    { messageId: "one@example.com", deliveries: 2 },
  ]);
  expect(await (await bench.get("/")).text()).toContain("came 2 times");
});

test("dropped and refused deliveries leave nothing, whatever the step", async () => {
  await using bench = await startBench();
  for (const operation of ["connect", "sender", "recipient", "data"] as const) {
    bench.arm({ operation, action: { kind: "drop" }, times: 1 });
    await expect(bench.send()).rejects.toMatchObject({ code: "ECONNECTION" });
    bench.arm({ operation, action: { kind: "fail", status: 550 }, times: 1 });
    await expect(bench.send()).rejects.toMatchObject({ responseCode: 550 });
  }
  expect(await bench.mails()).toEqual([]);
  bench.arm({ operation: "data", action: { kind: "delay", delayMs: 1 }, times: 1 });
  await bench.send();
  expect(await bench.mails()).toHaveLength(1);
});

test("mails survive a restart at the same folder", async () => {
  const dataDir = mkdtempSync(join(tmpdir(), "stoa-mail-"));
  try {
    await using first = await startBench({ dataDir });
    await first.send({ subject: "Kept" });
    await first.mailbox.stop();
    await using second = await startBench({ dataDir });
    expect((await second.mails()).map(({ subject }) => subject)).toEqual(["Kept"]);
    await second.get("/api/mails", { method: "DELETE" });
    expect(await second.mails()).toEqual([]);
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
});

test("the mailbox is bounded: above its limit the oldest mail goes", async () => {
  const { MailStore, MAILS_MAX } = await import("./store.ts");
  const store = new MailStore(null);
  const mail = { at: 0, sender: "", recipients: [], subject: "", attachments: 0, raw: new Uint8Array(1) };
  for (let n = 0; n <= MAILS_MAX; n += 1) store.keep({ ...mail, messageId: `m${n}` });
  const kept = store.list({ to: null, limit: MAILS_MAX + 10 });
  expect([kept.length, kept.at(-1)?.messageId]).toEqual([MAILS_MAX, "m1"]);
  store.close();
});

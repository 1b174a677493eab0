import { afterAll, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App } from "./app.ts";
import { freePort } from "./free-port.ts";

const roots: string[] = [];
afterAll(() => {
  for (const root of roots) rmSync(root, { recursive: true, force: true });
});

/** A tree with one application in it that does what `script` says. */
async function appOf(script: string, onUnexpectedExit: (name: string, logs: string) => void = () => undefined) {
  const root = mkdtempSync(join(tmpdir(), "stoa-app-test-"));
  roots.push(root);
  mkdirSync(join(root, "apps/edge/src"), { recursive: true });
  writeFileSync(join(root, "apps/edge/src/main.ts"), script);
  const port = await freePort();
  const env = { EDGE_PORT: String(port), PATH: process.env.PATH ?? "" };
  const logFolder = join(root, "logs");
  const options = {
    name: "edge",
    url: `http://127.0.0.1:${port}`,
    cwd: root,
    env,
    logFolder,
    onUnexpectedExit,
  } as const;
  return { app: new App(options), options };
}

const SERVING = `
  console.log("hello from", process.pid);
  Bun.serve({ hostname: "127.0.0.1", port: Number(process.env.EDGE_PORT), fetch: () => new Response(String(process.pid)) });
  process.on("SIGTERM", () => { console.log("bye"); process.exit(0); });`;

const whoAnswers = async (url: string) => Number(await (await fetch(url)).text());

test("an application is ready when it says so, and ends gracefully when asked", async () => {
  const { app, options } = await appOf(SERVING);
  await app.start();
  expect(await whoAnswers(options.url)).toBe(app.pid);
  await app.stop();
  expect(app.logs()).toContain("hello from");
  expect(app.logs()).toContain("bye");
});

test("a killed application is started again at the same address", async () => {
  const { app, options } = await appOf(SERVING);
  await app.start();
  const first = app.pid;
  await app.kill();
  await expect(fetch(options.url)).rejects.toThrow();
  await app.restart();
  expect(app.pid).not.toBe(first);
  expect(await whoAnswers(options.url)).toBe(app.pid);
  await app.stop();
});

test("an application that ends while it starts is told with its last lines", async () => {
  const { app } = await appOf(`console.error("DATABASE_URL is not set, but needed."); process.exit(1);`);
  const message = await app.start().catch((error) => error.message);
  expect(message).toContain("edge ended while it started");
  expect(message).toContain("DATABASE_URL is not set, but needed.");
});

test("an application that ends by itself is reported, one that was stopped is not", async () => {
  const ended: string[] = [];
  const script = `${SERVING}\nprocess.on("SIGUSR2", () => { console.log("out of memory"); process.exit(3); });`;
  const { app } = await appOf(script, (_name, logs) => ended.push(logs));
  await app.start();
  await app.stop();
  await app.start();
  await app.kill("SIGUSR2");
  while (ended.length === 0) await Bun.sleep(5);
  expect(ended).toHaveLength(1);
  expect(ended[0]).toContain("out of memory");
});

test("a log above ten megabytes is set aside at the start", async () => {
  const { app, options } = await appOf(SERVING);
  mkdirSync(options.logFolder, { recursive: true });
  writeFileSync(join(options.logFolder, "edge.log"), Buffer.alloc(11 * 1_048_576, "x"));
  await app.start();
  await app.stop();
  expect(statSync(join(options.logFolder, "edge.log")).size).toBeLessThan(10_000);
  expect(statSync(join(options.logFolder, "edge.log.1")).size).toBe(11 * 1_048_576);
});

import { afterEach, beforeEach, expect, test } from "bun:test";
import { eventually } from "../stand-in/testing.ts";
import { startTcpProxy, type TcpProxy } from "./index.ts";

let server: Bun.Server<undefined>;
let asked: string[];
let proxy: TcpProxy;

beforeEach(async () => {
  asked = [];
  server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    async fetch(request) {
      asked.push(new URL(request.url).pathname);
      return new Response(await request.text());
    },
  });
  proxy = await startTcpProxy({ target: { port: server.port ?? 0 } });
});
afterEach(async () => {
  await proxy.stop();
  await server.stop(true);
});

const ask = (path: string, init: RequestInit = {}) =>
  fetch(`${proxy.through(`http://127.0.0.1:${server.port}`)}${path}`, { keepalive: false, ...init });

/** What became of a request within a moment: its status, that it failed, or nothing at all. */
const outcome = (path: string, waitMs: number) =>
  ask(path, { signal: AbortSignal.timeout(waitMs) }).then(
    (response) => response.status,
    (error: Error) => (error.name === "TimeoutError" ? "silence" : "failed"),
  );

test("bytes pass unchanged in both directions, megabytes too", async () => {
  const body = "stoa".repeat(1_000_000);
  expect(await (await ask("/echo", { method: "POST", body })).text()).toBe(body);
});

test("in a black hole nothing is answered and nothing is closed, and what was held back arrives when it ends", async () => {
  proxy.setMode({ kind: "blackHole" });
  const late = ask("/late");
  expect(await outcome("/early", 100)).toBe("silence");
  expect(asked).toEqual([]);
  proxy.setMode({ kind: "pass" });
  expect((await late).status).toBe(200);
});

test("a connection that was open falls silent too", async () => {
  expect((await ask("/first", { keepalive: true })).status).toBe(200);
  proxy.setMode({ kind: "blackHole" });
  expect(await outcome("/second", 100)).toBe("silence");
});

test("a cut after no byte loses the answer to a request that was carried out", async () => {
  proxy.setMode({ kind: "cut", afterBytes: 0 });
  expect(await outcome("/charge", 5_000)).toBe("failed");
  expect(asked).toContain("/charge");
});

test("a delayed answer comes late, and whole", async () => {
  proxy.setMode({ kind: "delay", delayMs: 60 });
  const startedAt = performance.now();
  const body = "x".repeat(300_000);
  expect(await (await ask("/echo", { method: "POST", body })).text()).toBe(body);
  // A lower bound only: a slow machine may take longer.
  expect(performance.now() - startedAt).toBeGreaterThanOrEqual(110);
});

test("a refused connection fails at once and reaches nobody", async () => {
  proxy.setMode({ kind: "refuse" });
  expect(await outcome("/nobody", 5_000)).toBe("failed");
  expect(asked).toEqual([]);
});

test("all connections can be cut, and the next one works", async () => {
  proxy.setMode({ kind: "blackHole" });
  const waiting = ask("/waiting").then(
    () => "answered",
    () => "failed",
  );
  await eventually(() => expect(proxy.connections).toBe(1));
  proxy.cutAll();
  expect(await waiting).toBe("failed");
  proxy.setMode({ kind: "pass" });
  expect(await outcome("/next", 5_000)).toBe(200);
});

test("a URL leads through the proxy with its path, user and query", () => {
  expect(proxy.through("postgres://stoa:secret@localhost:5432/stoa?a=1")).toBe(
    `postgres://stoa:secret@127.0.0.1:${proxy.port}/stoa?a=1`,
  );
  expect(proxy.through("http://127.0.0.1:99")).toBe(`http://127.0.0.1:${proxy.port}`);
});

import { afterAll, expect, setDefaultTimeout, test } from "bun:test";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "@upstash/qstash";
import postgres from "postgres";
import { freePort } from "./free-port.ts";
import { type Stack, startStack } from "./index.ts";

// Servers start and crash here, on machines that may be busy with something else.
setDefaultTimeout(60_000);

const root = mkdtempSync(join(tmpdir(), "stoa-stack-test-"));
chmodSync(root, 0o755);
afterAll(() => rmSync(root, { recursive: true, force: true }));

let folders = 0;
function newDataDir(): string {
  folders += 1;
  return join(root, `data-${folders}`);
}

async function eventually(condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 30_000;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`still not true: ${condition}`);
    await Bun.sleep(10);
  }
}

async function query<T>(stack: Stack, work: (sql: postgres.Sql) => Promise<T>): Promise<T> {
  const sql = postgres(stack.urls.postgres, { max: 1, onnotice: () => undefined });
  try {
    return await work(sql);
  } finally {
    await sql.end({ timeout: 1 });
  }
}

const queueOnly = (dataDir: string | null) => startStack({ dataDir, apps: [], services: ["qstash"] });
const publish = (stack: Stack, url: string) =>
  new Client({ baseUrl: stack.urls.qstash, token: stack.env.QSTASH_TOKEN ?? "", retry: false }).publish({ url });

test("data, secrets and addresses survive a restart of the stack", async () => {
  const dataDir = newDataDir();
  const start = () => startStack({ dataDir, apps: [], services: ["postgres", "qstash"] });
  const first = await start();
  await query(first, (sql) => sql`CREATE TABLE kept AS SELECT 1 AS id`);
  await first.stop();
  await first.stop();
  await using second = await start();
  expect(await query(second, async (sql) => (await sql`SELECT id FROM kept`)[0]?.id)).toBe(1);
  expect(second.env.AUTH_SECRET).toBe(first.env.AUTH_SECRET ?? "");
  expect([second.urls.qstash, second.urls.postgres]).toEqual([first.urls.qstash, first.urls.postgres]);
  expect(statSync(join(dataDir, "secrets.json")).mode & 0o777).toBe(0o600);
});

test("a stack killed with -9 takes its processes along, and the next one takes over its folder", async () => {
  const dataDir = newDataDir();
  const script = `
    import { startStack } from ${JSON.stringify(join(import.meta.dir, "index.ts"))};
    const stack = await startStack({ dataDir: ${JSON.stringify(dataDir)}, apps: [], services: ["postgres", "qstash"] });
    console.log(JSON.stringify(stack.urls));`;
  const starter = Bun.spawn([process.execPath, "-e", script], { stdout: "pipe" });
  const { value } = await starter.stdout.getReader().read();
  const urls = JSON.parse(new TextDecoder().decode(value));
  expect((await fetch(`${urls.qstash}/health`)).ok).toBe(true);

  const refusal = await startStack({ dataDir, apps: [], services: ["qstash"] }).catch((error) => error.message);
  expect(refusal).toBe(
    `${dataDir} is in use by another stack (process ${starter.pid}): stop it or set DATA_DIR to another folder.`,
  );
  starter.kill("SIGKILL");
  await starter.exited;
  const gone = (url: string) =>
    fetch(url).then(
      () => false,
      () => true,
    );
  await eventually(() => gone(`${urls.qstash}/health`));
  await using next = await startStack({ dataDir, apps: [], services: ["postgres", "qstash"] });
  expect(await query(next, async (sql) => (await sql`SELECT 1 AS one`)[0]?.one)).toBe(1);
});

test("a killed service comes back at the same address with what it had acknowledged", async () => {
  await using stack = await queueOnly(null);
  const answers = { ok: false };
  const arrived: string[] = [];
  const destination = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch: (request) => {
      if (answers.ok) arrived.push(request.headers.get("upstash-message-id") ?? "");
      return answers.ok ? new Response("ok") : new Promise<Response>(() => undefined);
    },
  });
  const { messageId } = await publish(stack, destination.url.href);
  await stack.kill("qstash");
  answers.ok = true;
  await stack.restart("qstash");
  await eventually(() => arrived.length > 0);
  expect(arrived).toContain(messageId);
  await destination.stop(true);
});

test("faults are armed and cleared across the process boundary, and only when asked for", async () => {
  await using stack = await startStack({ dataDir: null, apps: [], services: ["qstash"], faults: { seed: 1 } });
  const nowhere = "http://127.0.0.1:1/";
  await stack.faults("qstash").arm({ operation: "publish", action: { kind: "fail", status: 503 } });
  expect(await publish(stack, nowhere).catch((error) => error.status)).toBe(503);
  await stack.faults("qstash").clear();
  expect(await publish(stack, nowhere)).toHaveProperty("messageId");
  await using plain = await queueOnly(null);
  expect(plain.faults("qstash").clear()).rejects.toThrow("qstash was started without faults.");
  await plain
    .faults("qstash")
    .clear()
    .catch(() => undefined);
});

test("a service that ends by itself is reported with its last words, one that we kill is not", async () => {
  const ended: string[] = [];
  await using stack = await startStack({
    dataDir: null,
    apps: [],
    services: ["postgres", "qstash"],
    onUnexpectedExit: (name) => ended.push(name),
  });
  await stack.kill("qstash");
  const pid = await query(stack, async (sql) => {
    const [row] = await sql`SELECT pg_read_file('postmaster.pid') AS content`;
    return Number.parseInt(String(row?.content), 10);
  });
  process.kill(pid, "SIGKILL");
  await eventually(() => ended.length > 0);
  expect(ended).toEqual(["postgres"]);
});

test("a service with a URL is not started, and its own credentials go to the applications", async () => {
  const env = {
    REDIS_URL: "redis://hosted:6379",
    TYPESENSE_URL: "http://hosted:8108",
    TYPESENSE_API_KEY: "hosted-key",
    QSTASH_TOKEN: "hosted-token",
    STRIPE_SECRET_KEY: "sk_live_hosted",
    PUBLIC_URL: "https://shop.example",
    SMTP_URL: "smtp://mail",
    DATABASE_URL: "",
  };
  await using stack = await startStack({
    dataDir: null,
    env,
    apps: [],
    services: ["redis", "typesense", "qstash", "stripe"],
  });
  expect(stack.services.map(({ name, rung, url }) => ({ name, rung, url }))).toEqual([
    { name: "redis", rung: "url", url: "redis://hosted:6379" },
    { name: "typesense", rung: "url", url: "http://hosted:8108" },
    { name: "qstash", rung: "url", url: "https://qstash.upstash.io" },
    { name: "stripe", rung: "url", url: "https://api.stripe.com" },
  ]);
  expect(stack.env).toMatchObject({
    TYPESENSE_API_KEY: "hosted-key",
    QSTASH_TOKEN: "hosted-token",
    STRIPE_SECRET_KEY: "sk_live_hosted",
    PUBLIC_URL: "https://shop.example",
    SMTP_URL: "smtp://mail",
    WEBHOOK_BASE_URL: stack.urls.core,
  });
  expect(stack.env.STRIPE_WEBHOOK_SECRET).toBeUndefined();
  expect(stack.env.QSTASH_CURRENT_SIGNING_KEY).toBeUndefined();
  expect(() => stack.app("core")).toThrow("this stack did not start core");
});

test("the mailbox stands on the ladder, with its page at an address that stays", async () => {
  await using stack = await startStack({ dataDir: null, apps: [], services: ["mail"], faults: { seed: 1 } });
  const { url, rung, pageUrl } = stack.service("mail");
  expect([rung, stack.env.SMTP_URL]).toEqual(["embedded", url]);
  expect((await fetch(`${pageUrl}/api/mails`)).ok).toBe(true);
  await stack.faults("mail").arm({ operation: "connect", action: { kind: "drop" } });
  await stack.kill("mail");
  await stack.restart("mail");
  expect((await fetch(`${pageUrl}/api/mails`)).ok).toBe(true);
});

test("a port in use is told with its variable, before anything is started", async () => {
  const port = await freePort();
  const blocker = Bun.serve({ hostname: "127.0.0.1", port, fetch: () => new Response() });
  const dataDir = newDataDir();
  const start = (options: object) => startStack({ dataDir, apps: [], services: ["qstash"], ...options });
  const edge = await start({ apps: ["edge"], env: { EDGE_PORT: String(port) } }).catch((error) => error.message);
  expect(edge).toBe(`Port ${port} for edge is in use: set EDGE_PORT to another one or stop what listens there.`);
  const qstash = await start({ env: { QSTASH_PORT: String(port) } }).catch((error) => error.message);
  expect(qstash).toContain("QSTASH_PORT");
  expect(existsSync(join(dataDir, "qstash"))).toBe(false);
  await blocker.stop(true);
  await (await start({ env: { QSTASH_PORT: String(port) } })).stop();
});

test("a host that is no address of this machine, and a data folder that cannot be, are told in a sentence", async () => {
  const elsewhere = startStack({ dataDir: null, apps: ["edge"], services: [], env: { HOST: "192.0.2.1" } });
  await expect(elsewhere).rejects.toThrow("192.0.2.1 is no address of this machine: set HOST to one that is.");
  const file = join(root, "a-file");
  writeFileSync(file, "");
  for (const dataDir of [file, join(file, "below"), "/proc/nowhere"]) {
    const start = startStack({ dataDir, apps: [], services: [] });
    await expect(start).rejects.toThrow(`${dataDir} cannot hold the shop's data: there is no such folder`);
  }
});

test("a data folder with missing or damaged secrets is refused, and left as it is", async () => {
  const dataDir = newDataDir();
  await (await startStack({ dataDir, apps: [], services: ["postgres"] })).stop();
  const file = join(dataDir, "secrets.json");
  const secrets = readFileSync(file, "utf8");
  rmSync(file);
  expect(await queueOnly(dataDir).catch((error) => error.message)).toContain("holds data but no secrets.json");
  writeFileSync(file, '{"authSecret": "short"}');
  expect(await queueOnly(dataDir).catch((error) => error.message)).toContain("is damaged");
  writeFileSync(file, secrets);
  await (await queueOnly(dataDir)).stop();
});

test("production does not run on stand-ins unless they are asked for by name", async () => {
  const start = (env: Record<string, string>) => startStack({ dataDir: null, env, apps: [], services: ["qstash"] });
  const refusal = await start({ NODE_ENV: "production" }).catch((error) => error.message);
  expect(refusal).toContain("EMBEDDED_SERVICES=qstash");
  await (await start({ NODE_ENV: "production", EMBEDDED_SERVICES: "qstash" })).stop();
});

import { afterAll, expect, setDefaultTimeout, test } from "bun:test";
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import postgres from "postgres";
import { freePort } from "../stack/free-port.ts";
import { canReach, serverAccount } from "./account.ts";
import { startPostgres } from "./index.ts";

// Servers start and crash here, on machines that may be busy with something else.
setDefaultTimeout(60_000);

const root = mkdtempSync(join(tmpdir(), "stoa-postgres-test-"));
chmodSync(root, 0o755);
afterAll(() => rmSync(root, { recursive: true, force: true }));

let folders = 0;
function newDataDir(): string {
  folders += 1;
  return join(root, `data-${folders}`);
}

async function query<T>(url: string, work: (sql: postgres.Sql) => Promise<T>): Promise<T> {
  const sql = postgres(url, { max: 4, onnotice: () => undefined });
  try {
    return await work(sql);
  } finally {
    await sql.end({ timeout: 1 });
  }
}

const start = (dataDir: string | null, port = 0, password = "secret") => startPostgres({ port, dataDir, password });

test("a temporary server is a real PostgreSQL 18 with separate sessions, and is gone after the stop", async () => {
  const server = await startPostgres({ port: 0, dataDir: null, password: "p@ss w/rd", settings: { work_mem: "5MB" } });
  expect(server.description).toStartWith("PostgreSQL 18.");
  await query(server.url, async (sql) => {
    const sessions = await Promise.all([1, 2].map(() => sql.reserve()));
    const pids = await Promise.all(
      sessions.map(async (session) => (await session`SELECT pg_backend_pid() AS pid`)[0]?.pid),
    );
    for (const session of sessions) session.release();
    expect(new Set(pids).size).toBe(2);
    expect((await sql`SHOW fsync`)[0]?.fsync).toBe("on");
    expect((await sql`SHOW work_mem`)[0]?.work_mem).toBe("5MB");
    expect((await sql`SELECT uuidv7() IS NOT NULL AS works`)[0]?.works).toBe(true);
  });
  await server.stop();
  await server.stop();
  expect(() => process.kill(server.pid, 0)).toThrow();
});

test("kill -9 of the server loses no committed row, and the next start takes the folder over", async () => {
  const dataDir = newDataDir();
  const first = await start(dataDir);
  const committed: number[] = [];
  await query(first.url, async (sql) => {
    await sql`CREATE TABLE facts (id int PRIMARY KEY)`;
    const writers = [0, 1, 2, 3].map(async (writer) => {
      for (let index = 0; ; index += 1) {
        const id = writer * 1_000_000 + index;
        const done = await sql`INSERT INTO facts VALUES (${id})`.then(
          () => true,
          () => false,
        );
        if (!done) return;
        committed.push(id);
        if (committed.length === 200) process.kill(first.pid, "SIGKILL");
      }
    });
    await Promise.all(writers);
  });
  await first.exited;
  expect(existsSync(join(dataDir, "postmaster.pid"))).toBe(true);

  await using second = await start(dataDir);
  const rows = await query(second.url, (sql) => sql`SELECT id FROM facts`);
  const kept = new Set(rows.map((row) => row.id));
  expect(committed.filter((id) => !kept.has(id))).toEqual([]);
  expect(committed.length).toBeGreaterThanOrEqual(200);
});

test("a server whose starter was killed is shut down by the next start", async () => {
  const dataDir = newDataDir();
  const script = `
    import { startPostgres } from ${JSON.stringify(join(import.meta.dir, "index.ts"))};
    console.log((await startPostgres({ port: 0, dataDir: ${JSON.stringify(dataDir)}, password: "secret" })).pid);`;
  const starter = Bun.spawn([process.execPath, "-e", script], { stdout: "pipe" });
  const { value } = await starter.stdout.getReader().read();
  const orphan = Number(new TextDecoder().decode(value));
  starter.kill("SIGKILL");
  await starter.exited;
  expect(process.kill(orphan, 0)).toBe(true);

  await using again = await start(dataDir);
  expect(await query(again.url, async (sql) => (await sql`SELECT 1 AS one`)[0]?.one)).toBe(1);
  expect(again.pid).not.toBe(orphan);
});

test("a folder that another stack uses at this moment is refused, and that stack goes on", async () => {
  const dataDir = newDataDir();
  await using first = await start(dataDir);
  expect(start(dataDir)).rejects.toThrow(`is in use by PostgreSQL process ${first.pid}`);
  await start(dataDir).catch(() => undefined);
  expect(await query(first.url, async (sql) => (await sql`SELECT 1 AS one`)[0]?.one)).toBe(1);
});

test("a postmaster.pid whose number belongs to another program is no obstacle", async () => {
  const dataDir = newDataDir();
  await (await start(dataDir)).stop();
  writeFileSync(join(dataDir, "postmaster.pid"), `${process.pid}\n${dataDir}\n`);
  await using server = await start(dataDir);
  expect(server.pid).toBeGreaterThan(0);
});

test("a port in use, a half-written folder, another version and another password are each told in one sentence", async () => {
  const dataDir = newDataDir();
  await (await start(dataDir)).stop();

  const port = await freePort();
  const blocker = createServer().listen(port, "127.0.0.1");
  expect(await start(dataDir, port).catch((error) => error.message)).toBe(
    `Port ${port} for PostgreSQL is in use: set POSTGRES_PORT to another one or stop what listens there.`,
  );
  blocker.close();
  expect(await start(dataDir, 0, "other").catch((error) => error.message)).toContain("made with another password");
  writeFileSync(join(dataDir, "PG_VERSION"), "15\n");
  expect(await start(dataDir).catch((error) => error.message)).toContain("was written by PostgreSQL 15");

  const half = newDataDir();
  mkdirSync(half);
  writeFileSync(join(half, "leftover"), "");
  expect(await start(half).catch((error) => error.message)).toContain("is half-written");
});

test("an interrupted first start leaves nothing that the second one stumbles over", async () => {
  const dataDir = newDataDir();
  mkdirSync(`${dataDir}.new`);
  writeFileSync(join(`${dataDir}.new`, "half"), "");
  await using server = await start(dataDir);
  expect(server.url).toContain("postgres://");
  expect(existsSync(`${dataDir}.new`)).toBe(false);
});

const isRoot = process.getuid?.() === 0;

test.if(isRoot)(
  "root's own folder, which the server's account cannot enter, becomes a link to data it can reach",
  async () => {
    const closed = join(root, "closed");
    mkdirSync(closed, { mode: 0o700 });
    const dataDir = join(closed, "postgres");
    const first = await start(dataDir);
    await query(first.url, (sql) => sql`CREATE TABLE kept AS SELECT 1 AS id`);
    await first.stop();
    expect(lstatSync(dataDir).isSymbolicLink()).toBe(true);
    {
      await using second = await start(dataDir);
      expect(await query(second.url, async (sql) => (await sql`SELECT id FROM kept`)[0]?.id)).toBe(1);
    }
    rmSync(dirname(readlinkSync(dataDir)), { recursive: true });
  },
);

const account = isRoot ? serverAccount(root) : null;

test.if(account !== null && canReach(import.meta.dir, account))(
  "an ordinary user starts, stops and restarts a server, without the account of another user",
  () => {
    if (account === null) throw new Error("only root can become another user");
    const home = join(root, "ordinary");
    mkdirSync(home);
    chownSync(home, account.uid, account.gid);
    const script = `
      import { startPostgres } from ${JSON.stringify(join(import.meta.dir, "index.ts"))};
      for (const round of [1, 2]) {
        const server = await startPostgres({ port: 0, dataDir: ${JSON.stringify(join(home, "data"))}, password: "secret" });
        await server.stop();
        console.log(round, process.getuid());
      }`;
    // Root's own Bun may lie where nobody else can run it.
    const bun = join(home, "bun");
    copyFileSync(process.execPath, bun);
    chmodSync(bun, 0o755);
    const run = spawnSync(bun, ["-e", script], {
      uid: account.uid,
      gid: account.gid,
      cwd: "/",
      encoding: "utf8",
      env: { PATH: process.env.PATH ?? "", HOME: home },
    });
    expect({ out: run.stdout, error: run.stderr }).toEqual({ out: `1 ${account.uid}\n2 ${account.uid}\n`, error: "" });
  },
);

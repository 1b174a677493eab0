import { expect, setDefaultTimeout, test } from "bun:test";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

// A shop's services start here, on machines that may be busy with something else.
setDefaultTimeout(60_000);

const root = resolve(import.meta.dir, "..");

/** What it says of its settings when only the database is named, and a shop was started in the data folder. */
async function settingsMissing(databaseUrl: string, started: Readonly<Record<string, string>>): Promise<string> {
  const dataDir = await mkdtemp(join(tmpdir(), "stoa-command-"));
  try {
    await Bun.write(join(dataDir, "environment.json"), JSON.stringify(started));
    const { PATH = "", HOME = "" } = process.env;
    const command = Bun.spawn([process.execPath, "scripts/stoa.ts", "doctor"], {
      cwd: root,
      env: { PATH, HOME, DATABASE_URL: databaseUrl, DATA_DIR: dataDir },
      stdout: "pipe",
      stderr: "inherit",
    });
    return await new Response(command.stdout).text();
  } finally {
    await rm(dataDir, { recursive: true, force: true });
  }
}

test("where the database alone is hosted, stoa finds the rest where that shop was started, and no other's", async () => {
  const hosted = "postgres://127.0.0.1:1/hosted";
  const started = { DATABASE_URL: hosted, MONGODB_URL: "mongodb://127.0.0.1:1" };
  const ours = await settingsMissing(hosted, started);
  expect(ours).toContain("REDIS_URL is not set");
  expect(ours).not.toContain("MONGODB_URL");
  expect(await settingsMissing("postgres://127.0.0.1:1/another", started)).toContain("MONGODB_URL is not set");
});

test("stoa writes its file into the folder from which it was asked", async () => {
  const folder = await mkdtemp(join(tmpdir(), "stoa-command-"));
  const asked = join(folder, "asked");
  try {
    await mkdir(asked);
    const command = Bun.spawn([process.execPath, "scripts/stoa.ts", "export", "catalog.jsonl"], {
      cwd: root,
      env: { ...process.env, DATABASE_URL: "", DATA_DIR: join(folder, "data"), INIT_CWD: asked },
      stdout: "pipe",
      stderr: "inherit",
    });
    const [said, code] = await Promise.all([new Response(command.stdout).text(), command.exited]);
    expect({ said, code }).toMatchObject({ code: 0 });
    expect(await Bun.file(join(asked, "catalog.jsonl")).exists()).toBe(true);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

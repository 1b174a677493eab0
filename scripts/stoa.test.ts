import { expect, setDefaultTimeout, test } from "bun:test";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

// A shop's services start here, on machines that may be busy with something else.
setDefaultTimeout(60_000);

const root = resolve(import.meta.dir, "..");

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

import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { Glob } from "bun";
import { processEnvironment } from "../config.ts";
import { lastLines } from "./service-host.ts";
import { StartError } from "./start-error.ts";

const ROOT = resolve(import.meta.dir, "../../../..");
const APP = join(ROOT, "apps/admin-web");
const STAMP = join(APP, "dist/.built-from");

/** Builds the dashboard unless what it was last built from is unchanged. Throws `StartError` with the build's last lines. */
export async function buildAdminIfStale(progress: (line: string) => void): Promise<void> {
  const sources = fingerprint();
  if (existsSync(STAMP) && readFileSync(STAMP, "utf8") === sources) return;
  progress("Building the dashboard");
  const build = Bun.spawn([process.execPath, "run", "--cwd", APP, "build"], {
    cwd: ROOT,
    env: { ...processEnvironment(), NODE_ENV: "production" },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  const [out, error, code] = await Promise.all([
    new Response(build.stdout).text(),
    new Response(build.stderr).text(),
    build.exited,
  ]);
  if (code !== 0) throw new StartError(`The dashboard could not be built: ${lastLines(out + error, 15)}`);
  writeFileSync(STAMP, sources);
}

/** Name, size and time of everything the build reads: enough to notice a change, cheap enough for every start. */
function fingerprint(): string {
  const files = ["apps/admin-web", "packages/kernel/src"].flatMap((folder) =>
    [...new Glob("**/*").scanSync({ cwd: join(ROOT, folder), onlyFiles: true })]
      .filter((file) => !/^(dist|node_modules|test-results)\//.test(file))
      .map((file) => join(ROOT, folder, file)),
  );
  const lines = [...files, join(ROOT, "bun.lockb")].sort().map((file) => {
    const { size, mtimeMs } = statSync(file);
    return `${file} ${size} ${mtimeMs}`;
  });
  return new Bun.CryptoHasher("sha256").update(lines.join("\n")).digest("hex");
}

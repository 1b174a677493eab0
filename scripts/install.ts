import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";

// Runs on a checkout without node_modules, so it may import only node: and bun: modules.

const root = resolve(import.meta.dir, "..");
const LAST_LINES = 15;

/**
 * Installs the packages that the lockfile names, unless exactly these were installed before. Ends the process with a sentence
 * and the installer's last lines when it fails.
 */
export async function installIfNeeded(): Promise<void> {
  const stamp = join(root, "node_modules/.stoa-installed");
  const wanted = createHash("sha256")
    .update(readFileSync(join(root, "bun.lockb")))
    .digest("hex");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return;
  console.log(existsSync(stamp) ? "Installing packages" : "Installing packages (the first time takes about a minute)");
  const install = Bun.spawn([process.execPath, "install", "--frozen-lockfile", "--silent"], {
    cwd: root,
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  const [out, error, code] = await Promise.all([
    new Response(install.stdout).text(),
    new Response(install.stderr).text(),
    install.exited,
  ]);
  if (code !== 0) {
    console.error("The packages could not be installed; check the connection to the package registry and try again.");
    console.error((out + error).trimEnd().split("\n").slice(-LAST_LINES).join("\n"));
    process.exit(1);
  }
  writeFileSync(stamp, wanted);
}

import { existsSync } from "node:fs";

const usual = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/usr/bin/google-chrome-stable",
];

/**
 * A Chromium for the browser tests: the one named by CHROMIUM_PATH, one that is installed, Playwright's own (downloaded when needed),
 * or Debian's package where the download is not to be had. Null stands for Playwright's own.
 * @throws Error when none can be found or installed.
 */
export async function findBrowser(cwd: string): Promise<string | null> {
  const named = process.env.CHROMIUM_PATH;
  if (named) return named;
  const installed = usual.find((path) => existsSync(path));
  if (installed) return installed;
  console.log("no Chromium found, installing one");
  if (await succeeds(["bunx", "--bun", "playwright", "install", "chromium"], cwd)) return null;
  const isRoot = process.getuid?.() === 0;
  const asRoot = (command: string[]) => (isRoot ? command : ["sudo", "-n", ...command]);
  await succeeds(asRoot(["apt-get", "update", "-qq"]), cwd);
  if (await succeeds(asRoot(["apt-get", "install", "-y", "-qq", "chromium"]), cwd)) {
    const found = usual.find((path) => existsSync(path));
    if (found) return found;
  }
  throw new Error("There is no Chromium and none could be installed; install one and name it in CHROMIUM_PATH.");
}

async function succeeds(command: readonly string[], cwd: string): Promise<boolean> {
  try {
    const child = Bun.spawn([...command], { cwd, stdio: ["ignore", "ignore", "ignore"], timeout: 5 * 60 * 1_000 });
    return (await child.exited) === 0;
  } catch {
    // The program itself is not there.
    return false;
  }
}

import { resolve } from "node:path";
import { freePort } from "./free-port.ts";
import type { AppName } from "./names.ts";
import { StartError } from "./start-error.ts";

const ROOT = resolve(import.meta.dir, "../../../..");
const READY_MS = 60_000;
const POLL_MS = 30;

/** A further application beside those of a stack. */
export interface AppProcess extends AsyncDisposable {
  readonly url: string;
  readonly pid: number;
  /** Asks it to end. */
  terminate(): void;
  /** The code it ended with, once it has. */
  readonly exited: Promise<number>;
}

export interface AppProcessOptions {
  readonly name: Exclude<AppName, "admin">;
  /** A stack's environment, with what is to be different. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** What it has to answer before it counts as started. Default that it is ready. */
  readonly until?: "/healthz" | "/readyz";
}

/** Starts a core or an edge more, on a free port; killing it is the caller's. @throws StartError when it does not come up. */
export async function startAppProcess({ name, env, until = "/readyz" }: AppProcessOptions): Promise<AppProcess> {
  const port = await freePort();
  const child = Bun.spawn([process.execPath, "--no-orphans", `apps/${name}/src/main.ts`], {
    cwd: ROOT,
    env: { ...env, [`${name.toUpperCase()}_PORT`]: String(port), METRICS_PORT: undefined },
    stdio: ["ignore", "ignore", "inherit"],
  });
  const url = `http://127.0.0.1:${port}`;
  const deadline = Date.now() + READY_MS;
  while (!(await answers(url + until))) {
    if (child.exitCode !== null) throw new StartError(`${name} ended with ${child.exitCode} while it started`);
    if (Date.now() > deadline) {
      child.kill("SIGKILL");
      throw new StartError(`${name} was not ready within ${READY_MS / 1_000} s`);
    }
    await Bun.sleep(POLL_MS);
  }
  return {
    url,
    pid: child.pid,
    exited: child.exited,
    terminate: () => child.kill("SIGTERM"),
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await child.exited;
    },
  };
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(url, { signal: AbortSignal.timeout(2_000) })).ok;
  } catch {
    return false;
  }
}

import { resolve } from "node:path";
import { freePort } from "@stoa/devstack";

const root = resolve(import.meta.dir, "../../..");
const PATIENCE_MS = 60_000;
const LOOK_MS = 30;

export interface AppProcess extends AsyncDisposable {
  readonly url: string;
  /** Asks it to end. */
  terminate(): void;
  /** The code it ended with, once it has. */
  readonly exited: Promise<number>;
}

/** A further core or edge beside those of a stack, in a process of its own, listening once it answers `until`. */
export async function startAppProcess(
  name: "core" | "edge",
  env: Readonly<Record<string, string | undefined>>,
  until: "/healthz" | "/readyz" = "/readyz",
): Promise<AppProcess> {
  const port = await freePort();
  const child = Bun.spawn([process.execPath, "--no-orphans", `apps/${name}/src/main.ts`], {
    cwd: root,
    env: { ...env, [`${name.toUpperCase()}_PORT`]: String(port), METRICS_PORT: undefined },
    stdio: ["ignore", "ignore", "inherit"],
  });
  const url = `http://127.0.0.1:${port}`;
  await eventually(async () => {
    if (child.exitCode !== null) throw new Error(`${name} ended with ${child.exitCode} while it started`);
    return isOk(url + until);
  });
  return {
    url,
    exited: child.exited,
    terminate: () => child.kill("SIGTERM"),
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await child.exited;
    },
  };
}

export async function isOk(url: string): Promise<boolean> {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(2_000), keepalive: false });
    await answer.arrayBuffer();
    return answer.ok;
  } catch {
    return false;
  }
}

/** Waits until the condition holds. @throws after a minute. */
export async function eventually(condition: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`still not true after ${PATIENCE_MS / 1_000} s: ${condition}`);
    await Bun.sleep(LOOK_MS);
  }
}

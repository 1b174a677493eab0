import { join } from "node:path";
import { Child } from "./child.ts";
import type { AppName } from "./names.ts";
import { lastLines } from "./service-host.ts";
import { StartError } from "./start-error.ts";

const READY_MS = 60_000;
const POLL_MS = 40;
/** Longer than an application's own deadline for finishing what it has begun. */
const STOP_MS = 30_000;
const ENDING_SIGNALS: readonly NodeJS.Signals[] = ["SIGKILL", "SIGTERM", "SIGINT"];

const APPS: Readonly<Record<AppName, { readonly script: string; readonly ready: string }>> = {
  core: { script: "apps/core/src/main.ts", ready: "/readyz" },
  edge: { script: "apps/edge/src/main.ts", ready: "/readyz" },
  admin: { script: "apps/admin-web/server.ts", ready: "/healthz" },
};

/** An application of the shop in a process of its own. */
export interface StackApp {
  readonly pid: number;
  /** Sends a signal ("SIGKILL" unless told otherwise) and, when it ends the process, waits for that. */
  kill(signal?: NodeJS.Signals): Promise<void>;
  /** Ends it gracefully if it still runs, starts it with the same environment and waits until it is ready. */
  restart(): Promise<void>;
  /** The last lines it wrote. */
  logs(): string;
}

export interface AppOptions {
  readonly name: AppName;
  readonly url: string;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly logFolder: string;
  readonly onUnexpectedExit: (name: string, logs: string) => void;
}

export class App implements StackApp {
  #child: Child | null = null;

  constructor(readonly options: AppOptions) {}

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  async start(): Promise<void> {
    const { name, cwd, env, logFolder, url, onUnexpectedExit } = this.options;
    const child = new Child({
      name,
      command: [APPS[name].script],
      cwd,
      env,
      logFile: join(logFolder, `${name}.log`),
      onUnexpectedExit: (exited) => onUnexpectedExit(name, exited.logs()),
    });
    this.#child = child;
    const deadline = Date.now() + READY_MS;
    while (!(await answers(url + APPS[name].ready))) {
      if (!child.running) throw new StartError(`${name} ended while it started: ${lastLines(child.logs(), 12)}`);
      if (Date.now() > deadline) {
        throw new StartError(`${name} was not ready within ${READY_MS / 1_000} s: ${lastLines(child.logs(), 12)}`);
      }
      await Bun.sleep(POLL_MS);
    }
  }

  async kill(signal: NodeJS.Signals = "SIGKILL"): Promise<void> {
    const child = this.#child;
    if (child === null) return;
    if (!ENDING_SIGNALS.includes(signal)) {
      process.kill(child.pid, signal);
      return;
    }
    child.kill(signal);
    await child.exited;
  }

  async restart(): Promise<void> {
    await this.stop();
    await this.start();
  }

  logs(): string {
    return this.#child?.logs() ?? "";
  }

  async stop(): Promise<void> {
    await this.#child?.stop(STOP_MS);
  }
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(url, { signal: AbortSignal.timeout(2_000) })).ok;
  } catch {
    return false;
  }
}

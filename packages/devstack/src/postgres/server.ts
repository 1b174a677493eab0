import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { StartError } from "../stack/start-error.ts";
import type { Account } from "./account.ts";

const START_MS = 60_000;
const LOG_TAIL = 40;
/** After `kill -9` of the server its workers need a moment to notice; until then the shared memory is still theirs. */
const LEFTOVERS_MS = 10_000;
const FAST_STOP_MS = 10_000;

export interface ServerInput {
  readonly native: string;
  readonly account: Account | null;
  readonly dataDir: string;
  readonly port: number;
  readonly settings: Readonly<Record<string, string>>;
  readonly onLog: (line: string) => void;
}

/** A PostgreSQL server that accepts connections. */
export interface Server {
  readonly pid: number;
  readonly exited: Promise<void>;
  stop(): Promise<void>;
}

/** Starts the server and waits until it accepts connections; what stands in the way is told in one sentence. */
export async function startServer(input: ServerInput): Promise<Server> {
  const deadline = Date.now() + LEFTOVERS_MS;
  for (;;) {
    const outcome = await launch(input);
    if ("pid" in outcome) return outcome;
    if (!/shared memory|is still in use|lock file/.test(outcome.log) || Date.now() > deadline) {
      throw new StartError(explain(input, outcome.log));
    }
    await Bun.sleep(200);
  }
}

async function launch(input: ServerInput): Promise<Server | { readonly log: string }> {
  const { native, account, dataDir, port, settings } = input;
  const flags = Object.entries({ ...settings, port: String(port) }).flatMap(([name, value]) => [
    "-c",
    `${name}=${value}`,
  ]);
  const child = spawn(join(native, "bin", "postgres"), ["-D", dataDir, ...flags], {
    ...(account ?? {}),
    cwd: "/",
    env: { PATH: "/usr/bin:/bin", LC_ALL: "C", HOME: "/", TZ: "UTC" },
    stdio: ["ignore", "ignore", "pipe"],
    // A group of its own: Ctrl-C in the terminal reaches the start command, which stops the applications first.
    detached: true,
  });
  const exited = new Promise<void>((resolve) => {
    child.once("exit", () => resolve());
    child.once("error", () => resolve());
  });
  const log: string[] = [];
  const ready = new Promise<boolean>((resolve) => {
    readLines(child, (line) => {
      log.push(line);
      if (log.length > LOG_TAIL) log.shift();
      input.onLog(line);
      if (line.includes("ready to accept connections")) resolve(true);
    });
    exited.then(() => resolve(false));
    setTimeout(() => resolve(false), START_MS).unref();
  });
  if ((await ready) && child.pid !== undefined) return { pid: child.pid, exited, stop: () => stop(child, exited) };
  child.kill("SIGKILL");
  await exited;
  return { log: log.join("\n") };
}

function readLines(child: ChildProcess, onLine: (line: string) => void): void {
  let rest = "";
  child.stderr?.on("data", (chunk: Buffer) => {
    const lines = (rest + chunk.toString("utf8")).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) onLine(line);
  });
}

/** Fast shutdown: open transactions are rolled back, the rest is written; only a server that hangs is killed. */
async function stop(child: ChildProcess, exited: Promise<void>): Promise<void> {
  child.kill("SIGINT");
  const timer = setTimeout(() => child.kill("SIGKILL"), FAST_STOP_MS);
  await exited;
  clearTimeout(timer);
}

function explain({ port, dataDir }: ServerInput, log: string): string {
  if (/Address already in use|could not bind/.test(log)) {
    return `Port ${port} for PostgreSQL is in use: set POSTGRES_PORT to another one or stop what listens there.`;
  }
  if (/Permission denied|wrong ownership|invalid permissions/.test(log)) {
    return `PostgreSQL may not use ${dataDir}: give the folder to the user you run as, or set DATA_DIR to another one.`;
  }
  const reason = /(?:FATAL|PANIC|error while loading shared libraries): *(.*)/.exec(log)?.[1] ?? "it gave no reason";
  return `PostgreSQL did not start on ${dataDir}: ${reason}.`;
}

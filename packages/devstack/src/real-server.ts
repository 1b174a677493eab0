import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "./stack/free-port.ts";

const START_ATTEMPTS = 3;
const STOP_TIMEOUT_MS = 10_000;

/** A vendor's own server as a child of this process. */
export interface RealServer {
  readonly port: number;
  readonly pid: number;
  /** SIGTERM, so that it saves; one that does not go is killed. Stopping twice is harmless. */
  stop(): Promise<void>;
}

export interface RealServerPlan {
  /** Path of the executable. */
  readonly binary: string;
  /** 0 picks a free port. */
  readonly port: number;
  /** Null takes a temporary folder that is removed at the stop. */
  readonly dataDir: string | null;
  /** What the temporary folder is called after. */
  readonly name: string;
  readonly arguments: (port: number, folder: string) => readonly string[];
  /** Resolves true when the server answers its protocol. */
  readonly answers: (port: number) => Promise<boolean>;
  readonly readyTimeoutMs: number;
  readonly pollMs: number;
}

/** Starts a server that is on this machine. It ends with us. @throws when it ends or stays silent. */
export async function startRealServer(plan: RealServerPlan): Promise<RealServer> {
  const folder = plan.dataDir ?? (await mkdtemp(join(tmpdir(), `stoa-${plan.name}-`)));
  await mkdir(folder, { recursive: true });
  const { child, port } = await startChild(plan, folder);
  const killWithUs = () => child.kill("SIGTERM");
  process.on("exit", killWithUs);
  let stopping: Promise<void> | null = null;
  return {
    port,
    pid: child.pid,
    stop: () => {
      stopping ??= end(child).then(async () => {
        process.off("exit", killWithUs);
        if (plan.dataDir === null) await rm(folder, { recursive: true, force: true });
      });
      return stopping;
    },
  };
}

type Child = Bun.Subprocess<"ignore", "ignore", "ignore">;

/** Another process may take a free port before the server does, so a port of our own choice is tried more than once. */
async function startChild(plan: RealServerPlan, folder: string): Promise<{ child: Child; port: number }> {
  const attempts = plan.port === 0 ? START_ATTEMPTS : 1;
  for (let attempt = 1; ; attempt += 1) {
    const port = plan.port === 0 ? await freePort() : plan.port;
    const command = [plan.binary, ...plan.arguments(port, folder)];
    const child = Bun.spawn(command, { stdin: "ignore", stdout: "ignore", stderr: "ignore" });
    if (await isUp(plan, child, port)) return { child, port };
    await end(child);
    if (attempt >= attempts) throw new Error(`${plan.binary} does not answer on port ${port}`);
  }
}

/** True as soon as the server answers; false when it has ended or stays silent. */
async function isUp(plan: RealServerPlan, child: Child, port: number): Promise<boolean> {
  const deadline = Date.now() + plan.readyTimeoutMs;
  while (Date.now() < deadline && child.exitCode === null) {
    if (await plan.answers(port)) return true;
    await Bun.sleep(plan.pollMs);
  }
  return false;
}

/** Sends the bytes over a connection of its own and asks whether the first answer is the wanted one. */
export function asks(
  port: number,
  request: string | Uint8Array,
  isWanted: (answer: Buffer) => boolean,
): Promise<boolean> {
  return new Promise((resolve) => {
    Bun.connect({
      hostname: "127.0.0.1",
      port,
      socket: {
        open: (socket) => void socket.write(request),
        data(socket, bytes) {
          resolve(isWanted(bytes));
          socket.end();
        },
        close: () => resolve(false),
        error: () => resolve(false),
        connectError: () => resolve(false),
      },
    }).catch(() => resolve(false));
  });
}

/** What a server says of itself, whole, to `--version`. */
export async function versionText(binary: string): Promise<string> {
  const child = Bun.spawn([binary, "--version"], { stdin: "ignore", stdout: "pipe", stderr: "ignore" });
  return new Response(child.stdout).text();
}

async function end(child: Child): Promise<void> {
  child.kill("SIGTERM");
  const timer = setTimeout(() => child.kill("SIGKILL"), STOP_TIMEOUT_MS);
  await child.exited;
  clearTimeout(timer);
}

import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { RunningService, StandInOptions } from "../service.ts";
import { helloRequest } from "./wire/hello-request.ts";

const START_ATTEMPTS = 3;
const READY_TIMEOUT_MS = 30_000;
const READY_POLL_MS = 50;
const STOP_TIMEOUT_MS = 10_000;

export type MongodBinaryOptions = StandInOptions & {
  /** Path of the executable, e.g. from `Bun.which("mongod")`. */
  readonly binary: string;
};

/**
 * Starts a real `mongod` on 127.0.0.1 with its data in `dataDir`, and returns when it answers.
 * It ends with us: on `stop`, and when this process exits.
 * @throws when it ends or stays silent for 30 seconds.
 */
export async function startMongodBinary(
  options: MongodBinaryOptions,
): Promise<RunningService & { readonly port: number; readonly pid: number }> {
  const version = await readVersion(options.binary);
  const folder = options.dataDir ?? (await mkdtemp(join(tmpdir(), "stoa-mongod-")));
  await mkdir(folder, { recursive: true });
  const { child, port } = await start(options, folder);
  const killWithUs = () => child.kill("SIGTERM");
  process.on("exit", killWithUs);
  let stopping: Promise<void> | null = null;
  const stop = () => {
    stopping ??= end(child).then(async () => {
      process.off("exit", killWithUs);
      if (options.dataDir === null) await rm(folder, { recursive: true, force: true });
    });
    return stopping;
  };
  return {
    name: "mongodb",
    rung: "binary",
    description: `MongoDB ${version} (${options.binary})`,
    url: `mongodb://127.0.0.1:${port}`,
    port,
    pid: child.pid,
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

type Child = Bun.Subprocess<"ignore", "ignore", "ignore">;

/** Another process may take a free port before the server does, so a port of our own choice is tried more than once. */
async function start(options: MongodBinaryOptions, folder: string): Promise<{ child: Child; port: number }> {
  const attempts = options.port === 0 ? START_ATTEMPTS : 1;
  for (let attempt = 1; ; attempt += 1) {
    const port = options.port === 0 ? freePort() : options.port;
    const command = [options.binary, "--bind_ip", "127.0.0.1", "--port", String(port), "--dbpath", folder];
    const child = Bun.spawn(command, { stdin: "ignore", stdout: "ignore", stderr: "ignore" });
    if (await answers(child, port)) return { child, port };
    await end(child);
    if (attempt >= attempts) throw new Error(`${options.binary} does not answer on port ${port}`);
  }
}

async function readVersion(binary: string): Promise<string> {
  const child = Bun.spawn([binary, "--version"], { stdin: "ignore", stdout: "pipe", stderr: "ignore" });
  const text = await new Response(child.stdout).text();
  return /version v?(\d[\w.-]*)/.exec(text)?.[1] ?? "of unknown version";
}

function freePort(): number {
  const listener = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data: () => undefined } });
  const { port } = listener;
  listener.stop(true);
  return port;
}

/** True as soon as the server answers a hello; false when it has ended or stays silent. */
async function answers(child: Child, port: number): Promise<boolean> {
  const deadline = Date.now() + READY_TIMEOUT_MS;
  while (Date.now() < deadline && child.exitCode === null) {
    if (await hello(port)) return true;
    await Bun.sleep(READY_POLL_MS);
  }
  return false;
}

function hello(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    Bun.connect({
      hostname: "127.0.0.1",
      port,
      socket: {
        open: (socket) => void socket.write(helloRequest()),
        data(socket) {
          resolve(true);
          socket.end();
        },
        close: () => resolve(false),
        error: () => resolve(false),
        connectError: () => resolve(false),
      },
    }).catch(() => resolve(false));
  });
}

/** SIGTERM lets the server close its files; one that does not go is killed. */
async function end(child: Child): Promise<void> {
  child.kill("SIGTERM");
  const timer = setTimeout(() => child.kill("SIGKILL"), STOP_TIMEOUT_MS);
  await child.exited;
  clearTimeout(timer);
}

import { mkdirSync } from "node:fs";
import { connect } from "node:net";
import type { RunningService } from "../service.ts";

/** How long `mongod` may take until it accepts connections. */
const START_TIMEOUT_MS = 30_000;
const STOP_TIMEOUT_MS = 10_000;
const POLL_MS = 50;

export interface MongodBinaryOptions {
  /** Path of the executable, e.g. from `Bun.which("mongod")`. */
  readonly executable: string;
  /** A free port on 127.0.0.1. */
  readonly port: number;
  readonly dataDir: string;
}

/**
 * Starts a real `mongod` on 127.0.0.1 with its data in `dataDir`, and returns when it accepts connections.
 * @throws when it exits or does not answer within 30 seconds.
 */
export async function startMongodBinary(
  options: MongodBinaryOptions,
): Promise<RunningService & { readonly port: number }> {
  const { executable, port, dataDir } = options;
  mkdirSync(dataDir, { recursive: true });
  const child = Bun.spawn([executable, "--bind_ip", "127.0.0.1", "--port", String(port), "--dbpath", dataDir], {
    stdin: "ignore",
    stdout: "ignore",
    stderr: "ignore",
  });
  const stop = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill("SIGTERM");
    const timer = setTimeout(() => child.kill("SIGKILL"), STOP_TIMEOUT_MS);
    await child.exited;
    clearTimeout(timer);
  };
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (!(await accepts(port))) {
    if (child.exitCode !== null) throw new Error(`${executable} exited with code ${child.exitCode} before it answered`);
    if (Date.now() > deadline) {
      await stop();
      throw new Error(`${executable} did not answer on port ${port} within ${START_TIMEOUT_MS} ms`);
    }
    await Bun.sleep(POLL_MS);
  }
  return {
    name: "mongodb",
    rung: "binary",
    description: "mongod (local binary)",
    url: `mongodb://127.0.0.1:${port}`,
    port,
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: "127.0.0.1", port });
    const settle = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once("connect", () => settle(true));
    socket.once("error", () => settle(false));
  });
}

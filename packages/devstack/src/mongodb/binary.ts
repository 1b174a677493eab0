import { asks, startRealServer, versionText } from "../real-server.ts";
import type { RunningService, StandInOptions } from "../service.ts";
import { helloRequest } from "./wire/hello-request.ts";

const READY_TIMEOUT_MS = 30_000;
const READY_POLL_MS = 50;

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
  const { binary, port: wanted, dataDir } = options;
  const version = /version v?(\d[\w.-]*)/.exec(await versionText(binary))?.[1] ?? "of unknown version";
  const { port, pid, stop } = await startRealServer({
    binary,
    port: wanted,
    dataDir,
    name: "mongod",
    readyTimeoutMs: READY_TIMEOUT_MS,
    pollMs: READY_POLL_MS,
    arguments: (at, folder) => ["--bind_ip", "127.0.0.1", "--port", String(at), "--dbpath", folder],
    answers: (at) => asks(at, helloRequest(), () => true),
  });
  return {
    name: "mongodb",
    rung: "binary",
    description: `MongoDB ${version} (${binary})`,
    url: `mongodb://127.0.0.1:${port}`,
    port,
    pid,
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

import { asks, startRealServer, versionText } from "../real-server.ts";
import type { RunningService, StandInOptions } from "../service.ts";

const READY_TIMEOUT_MS = 15_000;
const READY_POLL_MS = 25;

/**
 * Starts a redis-server or valkey-server that is on this machine, on 127.0.0.1 with its data in `dataDir`.
 * It ends with us: on `stop` after saving, and when this process exits. Throws when it does not answer within 15 s.
 */
export async function startRedisBinary(
  options: StandInOptions & { binary: string },
): Promise<RunningService & { port: number; pid: number }> {
  const { binary, port: wanted, dataDir } = options;
  const version = await readVersion(binary);
  const settings = ["--save", dataDir === null ? "" : "60 1", "--appendonly", "no", "--daemonize", "no"];
  const { port, pid, stop } = await startRealServer({
    binary,
    port: wanted,
    dataDir,
    name: "redis",
    readyTimeoutMs: READY_TIMEOUT_MS,
    pollMs: READY_POLL_MS,
    arguments: (at, folder) => ["--bind", "127.0.0.1", "--port", String(at), "--dir", folder, ...settings],
    answers: (at) => asks(at, "PING\r\n", (answer) => answer.toString().startsWith("+PONG")),
  });
  return {
    name: "redis",
    rung: "binary",
    description: `${version} (${binary})`,
    url: `redis://127.0.0.1:${port}`,
    port,
    pid,
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

async function readVersion(binary: string): Promise<string> {
  const text = await versionText(binary);
  const product = /valkey/i.test(text) ? "Valkey" : "Redis";
  return `${product} ${/v=(\d[\w.-]*)/.exec(text)?.[1] ?? "of unknown version"}`;
}

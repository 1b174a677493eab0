import { Faults } from "../faults.ts";
import type { RunningService, StandInOptions } from "../service.ts";
import { EMULATED_VERSION } from "./commands/server.ts";
import { listen } from "./server.ts";

export { startRedisBinary } from "./binary.ts";

/**
 * Our own Redis (RESP2, Lua, transactions, pub/sub, streams) for when neither a URL nor a binary is at hand.
 * Fault operations are command names in lower case; "duplicate" delivers a PUBLISH twice, "reorder" does nothing.
 * Data is snapshotted to `dataDir` every minute and on stop: fit for what can be rebuilt, as in a cache.
 */
export async function startRedis(
  options: StandInOptions,
): Promise<RunningService & { port: number; faults: Faults | null }> {
  const faults = options.faults ? new Faults(options.faults.seed) : null;
  const server = await listen({ port: options.port, dataDir: options.dataDir, faults });
  let stopping: Promise<void> | null = null;
  const stop = () => {
    stopping ??= server.stop();
    return stopping;
  };
  return {
    name: "redis",
    rung: "embedded",
    description: `Redis ${EMULATED_VERSION.replace(/\.\d+$/, "")} protocol (embedded)`,
    url: `redis://127.0.0.1:${server.port}`,
    port: server.port,
    faults,
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

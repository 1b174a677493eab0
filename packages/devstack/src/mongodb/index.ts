import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { Faults } from "../faults.ts";
import type { RunningService, StandInOptions } from "../service.ts";
import { MongoServer } from "./server.ts";

export { startMongodBinary } from "./binary.ts";

/** A running stand-in and, when it was asked for, its fault knobs; operations are named like MongoDB's commands. */
export type RunningMongodb = RunningService & { readonly port: number; readonly faults: Faults | null };

const FILE_NAME = "mongodb.sqlite";

/**
 * Starts the stand-in for MongoDB on 127.0.0.1: the wire protocol for official drivers, documents in one SQLite file
 * under `dataDir`. An acknowledged write survives the death of the process. It refuses what it does not know.
 * @throws when the port is taken or another server holds the file.
 */
export async function startMongodb(options: StandInOptions): Promise<RunningMongodb> {
  if (options.dataDir !== null) mkdirSync(options.dataDir, { recursive: true });
  const faults = options.faults ? new Faults(options.faults.seed) : null;
  const file = options.dataDir === null ? null : join(options.dataDir, FILE_NAME);
  const server = new MongoServer({ port: options.port, file, faults });
  let stopped = false;
  const stop = async () => {
    if (stopped) return;
    stopped = true;
    server[Symbol.dispose]();
  };
  return {
    name: "mongodb",
    rung: "embedded",
    description: "Stoa stand-in (MongoDB wire)",
    url: `mongodb://127.0.0.1:${server.port}`,
    port: server.port,
    faults,
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

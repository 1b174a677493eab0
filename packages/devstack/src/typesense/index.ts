import { Faults } from "../faults.ts";
import type { RunningService, StandInOptions } from "../service.ts";
import { EMULATED_VERSION } from "./routes/operations.ts";
import { listen } from "./server.ts";

/**
 * Our own search server that speaks Typesense's API: collections, aliases, documents, search, synonyms, curation, keys.
 * Found sets, filters and facet counts are Typesense's; the order of hits is not (assert on sets, never on rank).
 * Fault operations are the rights a call takes, e.g. `documents:search`, `documents:import`, and `health`.
 * What a call has acknowledged survives the death of the process when `dataDir` is given.
 */
export async function startTypesense(
  options: StandInOptions & { apiKey: string },
): Promise<RunningService & { port: number; faults: Faults | null }> {
  const faults = options.faults ? new Faults(options.faults.seed) : null;
  const door = await listen({ port: options.port, dataDir: options.dataDir, apiKey: options.apiKey, faults });
  let stopping: Promise<void> | null = null;
  const stop = () => {
    stopping ??= door.close();
    return stopping;
  };
  return {
    name: "typesense",
    rung: "embedded",
    description: `Typesense ${EMULATED_VERSION} API (embedded)`,
    url: door.url,
    port: door.port,
    faults,
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

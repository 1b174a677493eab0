import { unsupported } from "../errors.ts";
import { type Route, route } from "./route.ts";

/** The version whose API we follow. */
export const EMULATED_VERSION = "30.0";

export const operationRoutes: readonly Route[] = [
  route.get("/debug", "debug:list", () => ({ state: 1, version: `${EMULATED_VERSION}-stoa` })),
  route.get("/metrics.json", "metrics.json:list", ({ engine }) => {
    const { rss, heapUsed } = process.memoryUsage();
    return {
      system_memory_used_bytes: String(rss),
      typesense_memory_active_bytes: String(heapUsed),
      typesense_memory_resident_bytes: String(rss),
      typesense_uptime_seconds: String(Math.floor((engine.now() - engine.startedAt) / 1000)),
    };
  }),
  route.get("/stats.json", "stats.json:list", ({ engine }) => ({
    pending_write_batches: 0,
    total_documents: engine.registry.collections().reduce((sum, collection) => sum + collection.size, 0),
  })),
  // Nothing waits to be written and nothing is cached, so these are true as soon as they are asked.
  route.post("/operations/cache/clear", "operations:create", () => ({ success: true })),
  route.post("/operations/db/compact", "operations:create", () => ({ success: true })),
  route.post("/operations/snapshot", "operations:create", () => {
    throw unsupported("snapshots");
  }),
];

import { runUntilSignal } from "@stoa/runtime";
import { readConfig } from "./config.ts";
import { startEdge } from "./start.ts";

const config = readConfig();
const edge = await startEdge(config);
await runUntilSignal({ stop: edge.stop, deadlineMs: config.SHUTDOWN_DEADLINE_MS, logger: edge.logger });

import { systemClock } from "@stoa/kernel";
import { createLogger, createMetrics, runUntilSignal } from "@stoa/runtime";
import { readConfig } from "./config.ts";
import { startCore } from "./core.ts";

const config = readConfig();
const logger = createLogger({ name: "core", level: config.LOG_LEVEL });
const core = await startCore({ config, clock: systemClock, logger, metrics: createMetrics({ app: "core" }) });
logger.info("core is ready", { url: core.url, roles: config.CORE_ROLES });
await runUntilSignal({ stop: core.stop, deadlineMs: config.SHUTDOWN_DEADLINE_MS, logger });

import { type DestinationStream, type Logger as Pino, pino } from "pino";
import type { LogFields, Logger, LoggerOptions } from "./logger.ts";
import { redact, redactText } from "./redact.ts";

/**
 * Logs to standard output as JSON, in this thread: a transport would be a worker that bundling breaks.
 * @param destination for tests; standard output when left out.
 */
export function createLogger(options: LoggerOptions, destination?: DestinationStream): Logger {
  const settings = {
    name: options.name,
    level: options.level,
    base: {},
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  return adapt(destination ? pino(settings, destination) : pino(settings));
}

function adapt(logger: Pino): Logger {
  const line = (level: "debug" | "info" | "warn" | "error") => (message: string, fields?: LogFields) => {
    if (!logger.isLevelEnabled(level)) return;
    if (fields === undefined) logger[level](redactText(message));
    else logger[level](Object(redact(fields)), redactText(message));
  };
  return {
    debug: line("debug"),
    info: line("info"),
    warn: line("warn"),
    error: line("error"),
    child: (fields) => adapt(logger.child(Object(redact(fields)))),
  };
}

import { type LogFields, type Logger, type LoggerOptions, logLevels } from "./logger.ts";
import { redact, redactText } from "./redact.ts";

/** JSON lines through `console`, for runtimes without a standard output of their own (Workers). */
export function createConsoleLogger(options: LoggerOptions, bound: LogFields = {}): Logger {
  const threshold = logLevels.indexOf(options.level);
  const line =
    (level: "debug" | "info" | "warn" | "error") =>
    (message: string, fields: LogFields = {}) => {
      if (logLevels.indexOf(level) < threshold) return;
      const time = new Date().toISOString();
      const members = redact({ ...bound, ...fields });
      console[level](JSON.stringify({ level, time, name: options.name, ...Object(members), msg: redactText(message) }));
    };
  return {
    debug: line("debug"),
    info: line("info"),
    warn: line("warn"),
    error: line("error"),
    child: (fields) => createConsoleLogger(options, { ...bound, ...fields }),
  };
}

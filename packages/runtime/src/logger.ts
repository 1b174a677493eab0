export const logLevels = ["debug", "info", "warn", "error", "silent"] as const;
export type LogLevel = (typeof logLevels)[number];

/** Members of one log line, e.g. `{ requestId, orderId, durationMs }`. An `error` member may be the thrown value itself. */
export type LogFields = Readonly<Record<string, unknown>>;

/** One JSON object a line. Secrets, tokens and e-mail addresses are taken out before a line is written. */
export interface Logger {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /** A logger whose every line carries these fields, such as requestId and orderId. */
  child(fields: LogFields): Logger;
}

export interface LoggerOptions {
  /** The app that speaks: "edge", "core". */
  readonly name: string;
  readonly level: LogLevel;
}

/** Says nothing; for tests and for callers that do not care. */
export const silentLogger: Logger = {
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
  child: () => silentLogger,
};

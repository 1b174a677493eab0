export * from "./media/media-store.ts";
export * from "./pino-logger.ts";
export * from "./portable.ts";
export * from "./prometheus.ts";
export * from "./shutdown.ts";

/** What also loads in a Cloudflare Worker: nothing here reaches for a file, a process or a Node stream. */
export * from "./breaker.ts";
export * from "./concurrency-limit.ts";
export * from "./config.ts";
export * from "./console-logger.ts";
export * from "./departure.ts";
export * from "./guards.ts";
export * from "./health.ts";
export * from "./logger.ts";
export * from "./media/media-source.ts";
export * from "./media/media-types.ts";
export * from "./metrics.ts";
export * from "./patience.ts";
export * from "./read-bytes.ts";
export * from "./redact.ts";
export * from "./resilience.ts";
export * from "./trace.ts";
export * from "./turns.ts";

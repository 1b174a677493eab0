import { listSchema, loadConfig, logLevels, portSchema } from "@stoa/runtime/portable";
import { z } from "zod";

const httpUrl = z.url({ protocol: /^https?$/, error: "must be an http or https URL" });
const perMinute = z.coerce.number("must be a number").int().min(0).max(100_000_000);
const durationMs = z.coerce.number("must be milliseconds").int().min(10).max(300_000);

const schema = z.object({
  HOST: z.string().min(1).default("127.0.0.1"),
  EDGE_PORT: portSchema.default(8080),
  /** Where Prometheus asks, on a port that is not public. Without it only this machine may ask, on the public port. */
  METRICS_PORT: portSchema.optional(),
  LOG_LEVEL: z.enum(logLevels).default("info"),
  SHUTDOWN_DEADLINE_MS: durationMs.default(25_000),
  /** How long requests are still taken after the signal to end; as long as a load balancer needs to see that edge is not ready. */
  SHUTDOWN_DRAIN_MS: durationMs.default(3_000),

  /** The shop's own origin, as shoppers see it. */
  PUBLIC_URL: httpUrl,
  /** Other origins whose pages may call with cookies. */
  STOREFRONT_ORIGINS: listSchema.pipe(z.array(httpUrl).max(50)).default([]),
  /** Proxies of ours in front of edge; that many steps of X-Forwarded-For are believed. */
  TRUSTED_PROXIES: z.coerce.number("must be a number").int().min(0).max(10).default(0),

  REDIS_URL: z.string().regex(/^rediss?:\/\//, "must start with redis:// or rediss://"),
  TYPESENSE_URL: httpUrl,
  TYPESENSE_API_KEY: z.string().min(1),
  CORE_URL: httpUrl,
  CORE_TIMEOUT_MS: durationMs.default(5_000),
  CORE_CHECKOUT_TIMEOUT_MS: durationMs.default(15_000),
  /** How long a checkout waits for its order to settle before it answers 202. */
  ORDER_SETTLE_WAIT_MS: durationMs.default(1_500),
  INTERNAL_TOKEN_SECRET: z.string().min(32, "must have at least 32 characters"),

  /** Folder of uploaded files; without it and MEDIA_URL another server answers /media. */
  MEDIA_DIR: z.string().min(1).optional(),
  /** Where they are instead: a bucket (s3://…), or a server that has them. */
  MEDIA_URL: z
    .string()
    .regex(/^(?:s3|https?):\/\//, "must start with s3:// or https://")
    .optional(),
  MEDIA_ACCESS_KEY_ID: z.string().min(1).optional(),
  MEDIA_SECRET_ACCESS_KEY: z.string().min(1).optional(),
  /** Pictures that were made smaller; a folder of this process' own for temporary files without it. */
  IMAGE_CACHE_DIR: z.string().min(1).optional(),
  IMAGE_CACHE_BYTES: z.coerce.number("must be a number").int().min(0).max(1_000_000_000_000).default(1_000_000_000),
  /** Memory for the read models most asked for. */
  CACHE_BYTES: z.coerce.number("must be a number").int().min(0).max(8_000_000_000).default(64_000_000),

  /** Orders watched at once in this process. */
  ORDER_STREAMS_MAX: z.coerce.number("must be a number").int().min(0).max(1_000_000).default(10_000),

  /** Calls per client address and per account; 0 switches a limit off. */
  RATE_LIMIT_READS_PER_MINUTE: perMinute.default(6_000),
  RATE_LIMIT_WRITES_PER_MINUTE: perMinute.default(600),
  RATE_LIMIT_CHECKOUTS_PER_MINUTE: perMinute.default(60),
  /** Guests who look for an order; counted for each order number as well. */
  RATE_LIMIT_LOOKUPS_PER_MINUTE: perMinute.default(10),
  RATE_LIMIT_AUTH_PER_MINUTE: perMinute.default(120),
});

export type EdgeConfig = z.output<typeof schema>;

/** @throws ConfigError with a sentence for each variable that is missing or wrong. */
export function readConfig(env: Readonly<Record<string, string | undefined>> = process.env): EdgeConfig {
  return loadConfig(schema, env);
}

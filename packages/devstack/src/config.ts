import { listSchema, loadConfig, portSchema } from "@stoa/runtime";
import { z } from "zod";

const text = z.string().min(1);

const schema = z.object({
  NODE_ENV: z.enum(["development", "test", "production"]).default("development"),
  /** Stand-ins that a production start may use all the same, by name: "qstash,redis". */
  EMBEDDED_SERVICES: listSchema.default([]),
  /** Address the three applications listen on. Backing services stay on 127.0.0.1. */
  HOST: text.default("127.0.0.1"),
  EDGE_PORT: portSchema.default(8080),
  CORE_PORT: portSchema.default(4000),
  ADMIN_PORT: portSchema.default(3000),
  PUBLIC_URL: text.optional(),
  ADMIN_URL: text.optional(),
  WEBHOOK_BASE_URL: text.optional(),
  DATA_DIR: text.default(".data"),
  MEDIA_DIR: text.optional(),
  CORE_ROLES: text.default("web,worker"),
  LOG_LEVEL: text.default("info"),

  /** Ports of the services we start ourselves; without one, the port of the last start or a free one is taken. */
  POSTGRES_PORT: portSchema.optional(),
  MONGODB_PORT: portSchema.optional(),
  REDIS_PORT: portSchema.optional(),
  TYPESENSE_PORT: portSchema.optional(),
  QSTASH_PORT: portSchema.optional(),
  STRIPE_PORT: portSchema.optional(),
  PAYPAL_PORT: portSchema.optional(),
  SMTP_PORT: portSchema.optional(),
  /** Of the page that shows the mails. */
  MAILBOX_PORT: portSchema.optional(),

  DATABASE_URL: text.optional(),
  MONGODB_URL: text.optional(),
  REDIS_URL: text.optional(),
  TYPESENSE_URL: text.optional(),
  TYPESENSE_API_KEY: text.optional(),
  QSTASH_URL: text.optional(),
  QSTASH_TOKEN: text.optional(),
  QSTASH_CURRENT_SIGNING_KEY: text.optional(),
  QSTASH_NEXT_SIGNING_KEY: text.optional(),
  STRIPE_API_URL: text.optional(),
  STRIPE_SECRET_KEY: text.optional(),
  STRIPE_WEBHOOK_SECRET: text.optional(),
  PAYPAL_API_URL: text.optional(),
  PAYPAL_CLIENT_ID: text.optional(),
  PAYPAL_CLIENT_SECRET: text.optional(),
  PAYPAL_WEBHOOK_ID: text.optional(),
  SHIPPING_RATES_URL: text.optional(),
  SHIPPING_RATES_TOKEN: text.optional(),
  TAX_QUOTES_URL: text.optional(),
  TAX_QUOTES_TOKEN: text.optional(),
  SMTP_URL: text.optional(),
  MAIL_FROM: text.optional(),

  AUTH_SECRET: text.optional(),
  INTERNAL_TOKEN_SECRET: text.optional(),
  ORDER_TOKEN_SECRET: text.optional(),
});

export type StackConfig = z.output<typeof schema>;

/** Environment variables by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** @throws ConfigError with a sentence for each variable that is wrong. */
export function readStackConfig(env: Environment = process.env): StackConfig {
  return loadConfig(schema, env);
}

/** What every child process needs from ours to run at all. */
export function processEnvironment(env: Environment = process.env): Record<string, string> {
  const kept = ["PATH", "HOME", "TMPDIR", "LANG", "TZ"].flatMap((name) => {
    const value = env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return Object.fromEntries(kept);
}

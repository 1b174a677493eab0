import { flagSchema, listSchema, loadConfig, portSchema } from "@stoa/runtime";
import { z } from "zod";

const secret = z.string().min(32, "must have at least 32 characters");
const url = z.url("must be a URL");

const schema = z.object({
  NODE_ENV: z.enum(["development", "test", "production"]).default("production"),
  HOST: z.string().default("127.0.0.1"),
  CORE_PORT: portSchema.default(4000),
  /** `web` answers calls and webhooks, `worker` runs the sweeps. */
  CORE_ROLES: listSchema.pipe(z.array(z.enum(["web", "worker"])).min(1)).default(["web", "worker"]),
  LOG_LEVEL: z.enum(["debug", "info", "warn", "error"]).default("info"),
  SHUTDOWN_DEADLINE_MS: z.coerce.number().int().min(100).max(300_000).default(25_000),
  /** How long requests are still taken after the signal to end; as long as a load balancer needs to see that core is not ready. */
  SHUTDOWN_DRAIN_MS: z.coerce.number().int().min(10).max(300_000).default(3_000),

  DATABASE_URL: url,
  DATABASE_POOL_SIZE: z.coerce.number().int().min(2).max(200).default(20),
  MONGODB_URL: z.string().regex(/^mongodb(\+srv)?:\/\//, "must start with mongodb:// or mongodb+srv://"),
  REDIS_URL: z.string().regex(/^rediss?:\/\//, "must start with redis:// or rediss://"),
  TYPESENSE_URL: url,
  TYPESENSE_API_KEY: z.string().min(1),

  QSTASH_URL: url.default("https://qstash.upstash.io"),
  QSTASH_TOKEN: z.string().min(1),
  QSTASH_CURRENT_SIGNING_KEY: z.string().min(1),
  QSTASH_NEXT_SIGNING_KEY: z.string().min(1),

  STRIPE_API_URL: url.default("https://api.stripe.com"),
  STRIPE_SECRET_KEY: z.string().min(1).optional(),
  STRIPE_WEBHOOK_SECRET: z.string().min(1).optional(),
  /** Calls to Stripe a second, of this process; every order makes three. */
  STRIPE_REQUESTS_PER_SECOND: z.coerce.number().int().min(1).max(10_000).default(80),
  PAYPAL_API_URL: url.default("https://api-m.paypal.com"),
  PAYPAL_CLIENT_ID: z.string().min(1).optional(),
  PAYPAL_CLIENT_SECRET: z.string().min(1).optional(),
  PAYPAL_WEBHOOK_ID: z.string().min(1).optional(),

  /** Without it mails are kept until it is set. */
  SMTP_URL: z
    .string()
    .regex(/^smtps?:\/\//, "must start with smtp:// or smtps://")
    .optional(),
  /** "My shop <orders@my-shop.example>" */
  MAIL_FROM: z
    .string()
    .max(300)
    .regex(/^[^\r\n<>]*<?[^\s<>@]+@[^\s<>@]+>?$/, "must be an address, or a name with an address in angle brackets")
    .default("Stoa shop <shop@localhost>"),

  /** Asked for the price of shipping options that are calculated. */
  SHIPPING_RATES_URL: url.optional(),
  SHIPPING_RATES_TOKEN: z.string().min(1).optional(),
  /** Asked for the taxes on a cart; its answer goes before the shop's own rates. */
  TAX_QUOTES_URL: url.optional(),
  TAX_QUOTES_TOKEN: z.string().min(1).optional(),

  /** Where the shop is reached from outside; edge's own origin. */
  PUBLIC_URL: url,
  /** Where the dashboard is reached. */
  ADMIN_URL: url,
  /** What QStash and the payment providers are told; signatures are checked against it. */
  WEBHOOK_BASE_URL: url,
  /** Origins beside PUBLIC_URL to which a payment may send the shopper back, and that may use session cookies. */
  STOREFRONT_ORIGINS: listSchema.pipe(z.array(url).max(50)).default([]),

  /** Whether nobody is let in before they have confirmed their address; then signing up does not tell who has an account. */
  CONFIRM_EMAIL_FIRST: flagSchema.default(false),
  /** Shoppers sign in with Google, or with any OpenID Connect provider, where its client is named. */
  GOOGLE_CLIENT_ID: z.string().min(1).optional(),
  GOOGLE_CLIENT_SECRET: z.string().min(1).optional(),
  OIDC_ISSUER: url.optional(),
  OIDC_CLIENT_ID: z.string().min(1).optional(),
  OIDC_CLIENT_SECRET: z.string().min(1).optional(),

  AUTH_SECRET: secret,
  INTERNAL_TOKEN_SECRET: secret,
  ORDER_TOKEN_SECRET: secret,

  MIGRATE_ON_START: flagSchema.default(true),
  /** Folder of the shop's files. */
  MEDIA_DIR: z.string().min(1).default(".data/media"),
  /** A bucket for the shop's files instead of the folder. */
  MEDIA_URL: z
    .string()
    .regex(/^s3:\/\//, "must be s3://bucket/prefix?endpoint=…&region=…")
    .optional(),
  MEDIA_ACCESS_KEY_ID: z.string().min(1).optional(),
  MEDIA_SECRET_ACCESS_KEY: z.string().min(1).optional(),
});

export type CoreConfig = z.output<typeof schema>;

/** @throws ConfigError with a sentence for each variable that is missing or wrong. */
export function readConfig(env: Readonly<Record<string, string | undefined>> = process.env): CoreConfig {
  return loadConfig(schema, env);
}

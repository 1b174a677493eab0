import type { StackConfig } from "../config.ts";
import type { Secrets } from "./data-folder.ts";
import type { AppName, StackServiceName } from "./names.ts";

export interface EnvironmentInput {
  readonly config: StackConfig;
  readonly secrets: Secrets;
  readonly host: string;
  readonly appPorts: Readonly<Record<AppName, number>>;
  readonly appUrls: Readonly<Record<AppName, string>>;
  readonly serviceUrls: Readonly<Partial<Record<StackServiceName, string>>>;
  readonly webhookBaseUrl: string;
  readonly dataDir: string;
}

const VARIABLES: Readonly<Record<StackServiceName, string>> = {
  postgres: "DATABASE_URL",
  mongodb: "MONGODB_URL",
  redis: "REDIS_URL",
  typesense: "TYPESENSE_URL",
  qstash: "QSTASH_URL",
  stripe: "STRIPE_API_URL",
  paypal: "PAYPAL_API_URL",
  mail: "SMTP_URL",
};

/** Everything the applications read, complete: who starts one by hand with these variables gets the same. */
export function appEnvironment(input: EnvironmentInput): Record<string, string> {
  const { config, secrets, appPorts, appUrls, serviceUrls } = input;
  const urls = Object.entries(serviceUrls).map(([name, url]) => [VARIABLES[name as StackServiceName], url] as const);
  return {
    NODE_ENV: config.NODE_ENV,
    HOST: input.host,
    EDGE_PORT: String(appPorts.edge),
    CORE_PORT: String(appPorts.core),
    ADMIN_PORT: String(appPorts.admin),
    CORE_URL: appUrls.core,
    PUBLIC_URL: config.PUBLIC_URL ?? appUrls.edge,
    ADMIN_URL: config.ADMIN_URL ?? appUrls.admin,
    WEBHOOK_BASE_URL: input.webhookBaseUrl,
    CORE_ROLES: config.CORE_ROLES,
    DATA_DIR: input.dataDir,
    MEDIA_DIR: config.MEDIA_DIR ?? `${input.dataDir}/media`,
    LOG_LEVEL: config.LOG_LEVEL,
    ...present({
      MAIL_FROM: config.MAIL_FROM,
      SHIPPING_RATES_URL: config.SHIPPING_RATES_URL,
      SHIPPING_RATES_TOKEN: config.SHIPPING_RATES_TOKEN,
      TAX_QUOTES_URL: config.TAX_QUOTES_URL,
      TAX_QUOTES_TOKEN: config.TAX_QUOTES_TOKEN,
    }),
    ...Object.fromEntries(urls),
    ...credentials(config, secrets),
    AUTH_SECRET: config.AUTH_SECRET ?? secrets.authSecret,
    INTERNAL_TOKEN_SECRET: config.INTERNAL_TOKEN_SECRET ?? secrets.internalTokenSecret,
    ORDER_TOKEN_SECRET: config.ORDER_TOKEN_SECRET ?? secrets.orderTokenSecret,
  };
}

/**
 * A credential somebody set goes with the address they set; ours belongs to the stand-in we started. Mixing the two would send
 * a stand-in's key to a vendor, so a hosted service without its credential gets none, and the application says so.
 */
function credentials(config: StackConfig, secrets: Secrets): Record<string, string> {
  const typesenseHosted = config.TYPESENSE_URL !== undefined;
  const qstashHosted = config.QSTASH_URL !== undefined || config.QSTASH_TOKEN !== undefined;
  const stripeHosted = config.STRIPE_API_URL !== undefined || config.STRIPE_SECRET_KEY !== undefined;
  const paypalHosted = config.PAYPAL_API_URL !== undefined || config.PAYPAL_CLIENT_ID !== undefined;
  return present({
    TYPESENSE_API_KEY: config.TYPESENSE_API_KEY ?? (typesenseHosted ? undefined : secrets.typesenseApiKey),
    QSTASH_TOKEN: qstashHosted ? config.QSTASH_TOKEN : secrets.qstashToken,
    QSTASH_CURRENT_SIGNING_KEY:
      config.QSTASH_CURRENT_SIGNING_KEY ?? (qstashHosted ? undefined : secrets.qstashCurrentSigningKey),
    QSTASH_NEXT_SIGNING_KEY:
      config.QSTASH_NEXT_SIGNING_KEY ?? (qstashHosted ? undefined : secrets.qstashNextSigningKey),
    STRIPE_SECRET_KEY: stripeHosted ? config.STRIPE_SECRET_KEY : secrets.stripeSecretKey,
    STRIPE_WEBHOOK_SECRET: config.STRIPE_WEBHOOK_SECRET ?? (stripeHosted ? undefined : secrets.stripeWebhookSecret),
    PAYPAL_CLIENT_ID: paypalHosted ? config.PAYPAL_CLIENT_ID : secrets.paypalClientId,
    PAYPAL_CLIENT_SECRET: config.PAYPAL_CLIENT_SECRET ?? (paypalHosted ? undefined : secrets.paypalClientSecret),
    PAYPAL_WEBHOOK_ID: config.PAYPAL_WEBHOOK_ID ?? (paypalHosted ? undefined : secrets.paypalWebhookId),
  });
}

function present(values: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}

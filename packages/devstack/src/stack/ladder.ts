import { join } from "node:path";
import type { StackConfig } from "../config.ts";
import type { Secrets } from "./data-folder.ts";
import type { PageName, StackServiceName } from "./names.ts";
import type { Launch } from "./protocol.ts";
import { StartError } from "./start-error.ts";

/** What a shop registers its endpoint for at Stripe; docs/operations/payments.md tells operators the same. */
const STRIPE_WEBHOOK_EVENTS = [
  "payment_intent.amount_capturable_updated",
  "payment_intent.succeeded",
  "payment_intent.processing",
  "payment_intent.payment_failed",
  "payment_intent.canceled",
  "refund.*",
  "charge.dispute.*",
];

/** How one service comes to be: at an address somebody named, or started by us. */
export type ServicePlan =
  | { readonly service: StackServiceName; readonly rung: "url"; readonly url: string }
  | { readonly service: StackServiceName; readonly rung: "binary" | "embedded"; readonly launch: Launch };

export interface LadderInput {
  readonly config: StackConfig;
  readonly secrets: Secrets;
  readonly services: readonly StackServiceName[];
  /** Services for which a program on the PATH is passed over. */
  readonly preferEmbedded: readonly StackServiceName[];
  readonly ports: Readonly<Record<StackServiceName | PageName, number>>;
  readonly dataDir: string | null;
  readonly webhookBaseUrl: string;
  readonly faults: { readonly seed: number } | undefined;
  readonly qstashTimeScale: number;
}

/** What sets each service to a hosted one: its address, or the credential that only the vendor's own address knows. */
function hostedUrl(service: StackServiceName, config: StackConfig): string | undefined {
  switch (service) {
    case "postgres":
      return config.DATABASE_URL;
    case "mongodb":
      return config.MONGODB_URL;
    case "redis":
      return config.REDIS_URL;
    case "typesense":
      return config.TYPESENSE_URL;
    case "qstash":
      return config.QSTASH_URL ?? (config.QSTASH_TOKEN && "https://qstash.upstash.io");
    case "stripe":
      return config.STRIPE_API_URL ?? (config.STRIPE_SECRET_KEY && "https://api.stripe.com");
    case "paypal":
      return config.PAYPAL_API_URL ?? (config.PAYPAL_CLIENT_ID && "https://api-m.paypal.com");
    case "mail":
      return config.SMTP_URL;
  }
}

const BINARIES = {
  redis: { programs: ["redis-server", "valkey-server"], launcher: "redis-binary" },
  mongodb: { programs: ["mongod"], launcher: "mongodb-binary" },
} as const;

/** Chooses the rung of each service: its URL, else a program on the PATH, else the stand-in that comes with the shop. */
export function planServices(input: LadderInput): ServicePlan[] {
  const plans = input.services.map((service) => planService(service, input));
  const { NODE_ENV, EMBEDDED_SERVICES } = input.config;
  const unasked = plans.filter((plan) => plan.rung === "embedded" && !EMBEDDED_SERVICES.includes(plan.service));
  if (NODE_ENV === "production" && unasked.length > 0) {
    const names = unasked.map((plan) => plan.service).join(",");
    throw new StartError(
      `Production would run on stand-ins for ${names}: set their URLs, or EMBEDDED_SERVICES=${names} when you mean it.`,
    );
  }
  return plans;
}

function planService(service: StackServiceName, input: LadderInput): ServicePlan {
  const url = hostedUrl(service, input.config);
  if (url !== undefined && url !== "") return { service, rung: "url", url };
  const base = {
    service,
    port: input.ports[service],
    dataDir: input.dataDir === null ? null : join(input.dataDir, service),
  };
  const faults = input.faults === undefined ? {} : { faults: input.faults };
  if ((service === "redis" || service === "mongodb") && !input.preferEmbedded.includes(service)) {
    const { programs, launcher } = BINARIES[service];
    const binary = programs.map((program) => Bun.which(program)).find((path) => path !== null);
    if (binary) return { service, rung: "binary", launch: { ...base, launcher, settings: { binary } } };
  }
  return {
    service,
    rung: "embedded",
    launch: { ...base, ...faults, launcher: service, settings: settingsOf(service, input) },
  };
}

function settingsOf(service: StackServiceName, input: LadderInput): Record<string, string> {
  const { secrets, config, webhookBaseUrl } = input;
  switch (service) {
    case "postgres":
      return { password: secrets.postgresPassword };
    case "typesense":
      return { apiKey: config.TYPESENSE_API_KEY ?? secrets.typesenseApiKey };
    case "qstash":
      return {
        token: secrets.qstashToken,
        currentSigningKey: config.QSTASH_CURRENT_SIGNING_KEY ?? secrets.qstashCurrentSigningKey,
        nextSigningKey: config.QSTASH_NEXT_SIGNING_KEY ?? secrets.qstashNextSigningKey,
        timeScale: String(input.qstashTimeScale),
      };
    case "stripe":
      return {
        secretKey: secrets.stripeSecretKey,
        webhookSecret: config.STRIPE_WEBHOOK_SECRET ?? secrets.stripeWebhookSecret,
        webhookUrl: `${webhookBaseUrl}/webhooks/stripe`,
        webhookEvents: STRIPE_WEBHOOK_EVENTS.join(","),
      };
    case "paypal":
      return {
        clientId: secrets.paypalClientId,
        clientSecret: config.PAYPAL_CLIENT_SECRET ?? secrets.paypalClientSecret,
        webhookId: config.PAYPAL_WEBHOOK_ID ?? secrets.paypalWebhookId,
        webhookUrl: `${webhookBaseUrl}/webhooks/paypal`,
      };
    case "mail":
      return { pagePort: String(input.ports.mailbox) };
    default:
      return {};
  }
}

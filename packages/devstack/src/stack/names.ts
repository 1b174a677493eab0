import type { ServiceName } from "../service.ts";

/** The backing services that a stack starts or is pointed at. */
export const SERVICE_NAMES = [
  "postgres",
  "mongodb",
  "redis",
  "typesense",
  "qstash",
  "stripe",
  "paypal",
  "mail",
] as const;
export type StackServiceName = Extract<ServiceName, (typeof SERVICE_NAMES)[number]>;

export const APP_NAMES = ["core", "edge", "admin"] as const;
export type AppName = (typeof APP_NAMES)[number];

/** Pages of services for people to look at, at an address beside the service's own. */
export const PAGE_NAMES = ["mailbox"] as const;
export type PageName = (typeof PAGE_NAMES)[number];

/** The variable that chooses the port of each. */
export const PORT_VARIABLES: Readonly<Record<StackServiceName | AppName | PageName, string>> = {
  postgres: "POSTGRES_PORT",
  mongodb: "MONGODB_PORT",
  redis: "REDIS_PORT",
  typesense: "TYPESENSE_PORT",
  qstash: "QSTASH_PORT",
  stripe: "STRIPE_PORT",
  paypal: "PAYPAL_PORT",
  mail: "SMTP_PORT",
  mailbox: "MAILBOX_PORT",
  core: "CORE_PORT",
  edge: "EDGE_PORT",
  admin: "ADMIN_PORT",
};

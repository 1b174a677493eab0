import { z } from "zod";

/** The collection of products of the least checkout. */
export const PRODUCTS = "least_product";

/** A product of the least checkout; its id is its SKU, its price minor units of US dollars. */
export interface LeastProduct {
  readonly _id: string;
  readonly price: number;
  readonly title: string;
  readonly attributes: Readonly<Record<string, string>>;
}

export const itemSchema = z.object({ sku: z.string().max(60), quantity: z.int().min(1).max(1_000) });

export const addressSchema = z.object({
  name: z.string().max(200),
  line1: z.string().max(200),
  city: z.string().max(200),
  postalCode: z.string().max(20),
  country: z.string().length(2),
});

export const messageSchema = z.object({ id: z.uuid(), email: z.email(), skus: z.array(z.string()).max(100) });

export const environmentSchema = z.object({
  CORE_PORT: z.coerce.number(),
  DATABASE_URL: z.string(),
  MONGODB_URL: z.string(),
  REDIS_URL: z.string(),
  QSTASH_URL: z.string(),
  QSTASH_TOKEN: z.string(),
  QSTASH_CURRENT_SIGNING_KEY: z.string(),
  QSTASH_NEXT_SIGNING_KEY: z.string(),
  SMTP_URL: z.string(),
  STRIPE_API_URL: z.url(),
  STRIPE_SECRET_KEY: z.string(),
  STRIPE_WEBHOOK_SECRET: z.string(),
  WEBHOOK_BASE_URL: z.url(),
});

export const tables = `
  create schema least;
  create table least.cart (id uuid primary key, state text not null, lines jsonb not null);
  create table least.shop_order (id uuid primary key, cart_id uuid not null, state text not null, email text not null,
    address jsonb not null, total bigint not null);
  create table least.line (order_id uuid not null, sku text not null, quantity int not null, primary key (order_id, sku));
  create table least.stock (sku text primary key, units int not null check (units >= 0));
  create table least.payment (id uuid primary key, order_id uuid not null, state text not null, amount bigint not null,
    reference text unique);
  create table least.ledger (payment_id uuid not null, account text not null, amount bigint not null,
    primary key (payment_id, account));
  create table least.outbox (id uuid primary key, order_id uuid not null, sent_at timestamptz);
  create table least.inbox (id uuid primary key);
  create table least.provider_event (id text primary key, body jsonb not null)`;

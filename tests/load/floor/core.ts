import { initTRPC } from "@trpc/server";
import { fetchRequestHandler } from "@trpc/server/adapters/fetch";
import { Client, Receiver } from "@upstash/qstash";
import { Elysia } from "elysia";
import { Redis } from "ioredis";
import { MongoClient } from "mongodb";
import { createTransport } from "nodemailer";
import postgres from "postgres";
import Stripe from "stripe";
import { z } from "zod";
import { addressSchema, environmentSchema, itemSchema, type LeastProduct, messageSchema, PRODUCTS } from "./shapes.ts";

// A checkout with nothing of a shop in it: one price a product, no tax, no promotion, no saga, no retry, no books. What is left is
// what the packages and services of this project need at the very least to take an order.

const env = environmentSchema.parse(process.env);
const sql = postgres(env.DATABASE_URL, { max: 16, onnotice: () => undefined });
const mongo = await new MongoClient(env.MONGODB_URL).connect();
const products = mongo.db().collection<LeastProduct>(PRODUCTS);
const redis = new Redis(env.REDIS_URL);
const queue = new Client({ baseUrl: env.QSTASH_URL, token: env.QSTASH_TOKEN });
const receiver = new Receiver({
  currentSigningKey: env.QSTASH_CURRENT_SIGNING_KEY,
  nextSigningKey: env.QSTASH_NEXT_SIGNING_KEY,
});
const mail = createTransport({ url: env.SMTP_URL, pool: true, maxConnections: 3 });
const stripeUrl = new URL(env.STRIPE_API_URL);
const stripe = new Stripe(env.STRIPE_SECRET_KEY, {
  host: stripeUrl.hostname,
  port: stripeUrl.port,
  protocol: "http",
  maxNetworkRetries: 0,
  telemetry: false,
  httpClient: Stripe.createFetchHttpClient(),
});

type Line = z.infer<typeof itemSchema> & { readonly price: number };

const procedures = initTRPC.create();
const router = procedures.router({
  createCart: procedures.procedure.input(z.object({ items: z.array(itemSchema) })).mutation(async ({ input }) => {
    const found = await products.find({ _id: { $in: input.items.map(({ sku }) => sku) } }).toArray();
    const lines = input.items.map((item) => ({
      ...item,
      price: found.find(({ _id }) => _id === item.sku)?.price ?? 0,
    }));
    const id = Bun.randomUUIDv7();
    await sql`insert into least.cart (id, state, lines) values (${id}, 'open', ${sql.json(lines)})`;
    return { id, lines };
  }),
  place: procedures.procedure
    .input(
      z.object({
        cartId: z.uuid(),
        email: z.email(),
        shippingAddress: addressSchema,
        shippingMethod: z.string(),
        payment: z.object({ provider: z.literal("stripe"), paymentMethod: z.string() }),
      }),
    )
    .mutation(async ({ input }) => {
      const [cart] = await sql<{ lines: Line[] }[]>`
        select lines from least.cart where id = ${input.cartId} and state = 'open'`;
      const lines = cart?.lines ?? [];
      const skus = lines.map(({ sku }) => sku).sort();
      await products.find({ _id: { $in: skus } }).toArray();
      const total = lines.reduce((sum, { price, quantity }) => sum + price * quantity, 500);
      const [id, paymentId, messageId] = [Bun.randomUUIDv7(), Bun.randomUUIDv7(), Bun.randomUUIDv7()];
      await sql`
        with c as (update least.cart set state = 'ordered' where id = ${input.cartId} and state = 'open' returning id),
          o as (insert into least.shop_order (id, cart_id, state, email, address, total)
            select ${id}, c.id, 'pending', ${input.email}, ${sql.json(input.shippingAddress)}, ${total} from c),
          l as (insert into least.line select ${id}, s, 1 from unnest(${skus}::text[]) s),
          s as (update least.stock set units = units - 1 where sku = any (${skus}) and units >= 1)
        insert into least.payment (id, order_id, state, amount) values (${paymentId}, ${id}, 'new', ${total})`;
      const reference = await takeMoney(id, total, input.payment.paymentMethod);
      await sql`
        with p as (update least.payment set state = 'captured', reference = ${reference} where id = ${paymentId}),
          o as (update least.shop_order set state = 'confirmed' where id = ${id}),
          e as (insert into least.ledger values (${paymentId}, 'cash', ${total}), (${paymentId}, 'sales', ${-total}))
        insert into least.outbox (id, order_id) values (${messageId}, ${id})`;
      const url = `${env.WEBHOOK_BASE_URL}/webhooks/qstash/messages`;
      await queue.batchJSON([{ url, body: { id: messageId, email: input.email, skus }, deduplicationId: messageId }]);
      await sql`update least.outbox set sent_at = now() where id = ${messageId}`;
      return { id, state: "confirmed", total, lines };
    }),
});
export type LeastCore = typeof router;

/** Creates, confirms and captures, as a shop does that authorises before it captures. Answers the intent's id. */
async function takeMoney(orderId: string, amount: number, paymentMethod: string): Promise<string> {
  const key = (act: string) => ({ idempotencyKey: `${orderId}-${act}` });
  const { id } = await stripe.paymentIntents.create(
    { amount, currency: "usd", capture_method: "manual", metadata: { order: orderId } },
    key("create"),
  );
  const confirmation = { payment_method: paymentMethod, return_url: "http://127.0.0.1/" };
  await stripe.paymentIntents.confirm(id, confirmation, key("confirm"));
  await stripe.paymentIntents.capture(id, {}, key("capture"));
  return id;
}

async function takeEvent(request: Request): Promise<Response> {
  const signature = request.headers.get("stripe-signature") ?? "";
  const event = await stripe.webhooks.constructEventAsync(await request.text(), signature, env.STRIPE_WEBHOOK_SECRET);
  const body = JSON.stringify(event.data.object);
  await sql`insert into least.provider_event (id, body) values (${event.id}, ${body}::text::jsonb) on conflict do nothing`;
  return new Response();
}

async function takeMessage(request: Request): Promise<Response> {
  const body = await request.text();
  await receiver.verify({ signature: request.headers.get("upstash-signature") ?? "", body });
  const { id, email, skus } = messageSchema.parse(JSON.parse(body));
  const left = await sql<{ sku: string; units: number }[]>`
    with i as (insert into least.inbox (id) values (${id}) on conflict do nothing)
    select sku, units from least.stock where sku = any (${skus})`;
  await redis.mset(Object.fromEntries(left.map(({ sku, units }) => [`least:${sku}`, units])));
  const text = "Thank you for your order. ".repeat(40);
  await mail.sendMail({ from: "shop@example.com", to: email, subject: "Your order", text, html: `<p>${text}</p>` });
  return new Response(null, { status: 204 });
}

const raw = { parse: "none" } as const;
new Elysia()
  .post("/webhooks/stripe", ({ request }) => takeEvent(request), raw)
  .post("/webhooks/qstash/messages", ({ request }) => takeMessage(request), raw)
  .all("/trpc/*", ({ request }) => fetchRequestHandler({ endpoint: "/trpc", req: request, router }), raw)
  .listen({ hostname: "127.0.0.1", port: env.CORE_PORT });
console.log(env.CORE_PORT);

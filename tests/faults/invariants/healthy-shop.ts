import { Redis } from "ioredis";
import { MongoClient } from "mongodb";
import postgres from "postgres";
import { explore } from "../explorer/explore.ts";
import { openLaboratory } from "../explorer/laboratory.ts";
import { calmScenario } from "../explorer/scenario.ts";

const required = (name: string) => {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set; see CONTRIBUTING.md`);
  return value;
};

/** Databases of Redis that the tests beside the code leave alone. */
const REDIS_DATABASE = 11;

/** What a corruption may change: copies of one healthy shop. */
export interface ShopCopy {
  readonly databaseUrl: string;
  /** Whoever is connected here may do anything, triggers and read-only roles aside. */
  readonly sql: postgres.Sql;
  readonly redis: Redis;
  readonly mongo: ReturnType<MongoClient["db"]>;
  /** The books of Stripe's stand-in, as they will be answered. */
  readonly books: Books;
  readonly urls: { readonly redisUrl: string; readonly mongodbUrl: string; readonly stripeUrl: string };
}

export interface Books {
  charges: {
    paymentIntent: string;
    captured: number;
    refunded: number;
    held: number;
    metadata: Record<string, string>;
  }[];
}

/** A shop in which everything has happened once: orders confirmed, refused and cancelled, with a promotion, paid and refunded. */
export async function openHealthyShop() {
  const adminUrl = required("TEST_DATABASE_URL");
  const template = `stoa_healthy_${process.pid}`;
  const lab = await openLaboratory(adminUrl, template);
  const [stripe, paypal] = await Promise.all([lab.provider(), lab.paypal()]);
  const explored = await explore({ ...lab, scenario: calmScenario(), stripe, paypal });
  if (explored.breaches.length > 0) throw new Error(`the shop is not healthy: ${explored.breaches.join("; ")}`);
  const books = await (await fetch(`${stripe.url}/_stoa/books`)).text();
  await Promise.all([stripe.stop(), paypal.stop()]);
  await lab.close();
  const admin = postgres(adminUrl, { max: 1, onnotice: () => undefined });
  const mongoName = `stoa_healthy_${process.pid}`;
  const mongodbUrl = new URL(`/${mongoName}`, required("TEST_MONGODB_URL")).href;
  const redisUrl = new URL(`/${REDIS_DATABASE}`, required("TEST_REDIS_URL")).href;
  let copies = 0;
  return {
    /** A copy of all of it for one corruption; gone afterwards. */
    async copy(): Promise<ShopCopy & AsyncDisposable> {
      copies += 1;
      const name = `${template}_${copies}`;
      await admin.unsafe(`create database ${name} template ${template}`);
      const databaseUrl = withPath(adminUrl, name);
      const sql = postgres(databaseUrl, { max: 1, onnotice: () => undefined });
      const redis = new Redis(redisUrl);
      const client = new MongoClient(mongodbUrl);
      const copied: Books = JSON.parse(books);
      const server = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => Response.json(copied) });
      await fillReadModels(sql, redis, client.db());
      return {
        databaseUrl,
        sql,
        redis,
        mongo: client.db(),
        books: copied,
        urls: { redisUrl, mongodbUrl, stripeUrl: `http://127.0.0.1:${server.port}` },
        async [Symbol.asyncDispose]() {
          await redis.flushdb();
          redis.disconnect();
          await client.db().dropDatabase();
          await Promise.all([client.close(), server.stop(true), sql.end({ timeout: 1 })]);
          await admin.unsafe(`drop database if exists ${name} with (force)`);
        },
      };
    },
    async [Symbol.asyncDispose]() {
      await admin.unsafe(`drop database if exists ${template} with (force)`);
      await admin.end();
    },
  };
}

/** As core's projections leave it, in as much as the verifier looks at it. */
async function fillReadModels(sql: postgres.Sql, redis: Redis, mongo: ShopCopy["mongo"]): Promise<void> {
  await redis.flushdb();
  const envelope = (body: unknown) => `1.0 "1" 1 \n${JSON.stringify(body)}`.replace(" \n", "\n");
  const levels = await sql<{ sku: string; available: number }[]>`
    select sku, sum(greatest(on_hand - reserved - allocated - buffer, 0))::int as available
    from inventory.stock_level group by sku`;
  for (const { sku, available } of levels) await redis.set(`v1:stock:${sku}`, envelope({ sku, available }));
  await redis.set("v1:summary:USD:prod_red", envelope({ id: "prod_red" }));
  await redis.set("v1:product:USD:red-thing", envelope({ id: "prod_red" }));
  await mongo
    .collection<{ _id: string }>("products")
    .insertOne({ _id: "prod_red", slug: "red-thing", status: "published" } as never);
}

function withPath(url: string, name: string): string {
  const changed = new URL(url);
  changed.pathname = `/${name}`;
  return changed.href;
}

import postgres from "postgres";
import { type Measured, measure } from "./side-by-side.ts";

const address = { name: "Ada", line1: "Main St 1", city: "Berlin", postalCode: "10115", country: "DE" };

export interface BareOptions {
  readonly databaseUrl: string;
  readonly seconds: number;
  readonly inFlight: number;
}

/**
 * The yardstick: a loop of the SQL that no shop can do without (the order, its two lines, two guarded stock updates, in one
 * transaction), on the same Postgres, in a schema of its own.
 */
export async function bareOrders({ databaseUrl, inFlight, seconds }: BareOptions): Promise<Measured> {
  const sql = postgres(databaseUrl, { max: inFlight, onnotice: () => undefined });
  try {
    await sql`drop schema if exists load cascade`;
    await sql`create schema load`;
    await sql`create table load.stock (sku text primary key, units int not null check (units >= 0))`;
    await sql`create table load.bare_order (id uuid primary key, total bigint not null, body jsonb not null)`;
    await sql`create table load.bare_line (order_id uuid not null, sku text not null, quantity int not null)`;
    await sql`insert into load.stock select 'S' || n, 1000000 from generate_series(1, 200) n`;
    return await measure(
      (n) =>
        sql.begin(async (tx) => {
          const id = Bun.randomUUIDv7();
          // In order, so that two orders never wait for each other in a circle.
          const skus = [`S${(n % 100) + 1}`, `S${(n % 100) + 101}`];
          await tx`insert into load.bare_order values (${id}, 5200, ${tx.json(address)})`;
          await tx`insert into load.bare_line select ${id}, s, 1 from unnest(${skus}::text[]) s`;
          for (const sku of skus) await tx`update load.stock set units = units - 1 where sku = ${sku} and units >= 1`;
        }) as Promise<unknown> as Promise<void>,
      { inFlight, seconds },
    );
  } finally {
    await sql`drop schema if exists load cascade`;
    await sql.end();
  }
}

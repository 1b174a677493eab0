import type { Redis } from "ioredis";
import { idOf } from "../ids.ts";
import { BREACHES_MAX, type Invariant } from "../invariant.ts";
import { keysLike, textsOf } from "../read-models.ts";
import type { Stores } from "../stores.ts";

export const erasedAreForgotten: Invariant = {
  number: 24,
  title: "an erased customer's name, e-mail, phone and address stand nowhere",
  needs: ["postgres"],
  isLive: true,
  async breaches({ stores, erased }) {
    const left = await personalRows(stores);
    if (erased.length === 0) return left;
    const texts = erased.map((text) => text.toLowerCase()).filter((text) => text.length > 3);
    const found = await Promise.all([
      inPostgres(stores, texts),
      inRedis(stores, texts),
      inMongo(stores, texts),
      inSearch(stores, texts),
    ]);
    return [...left, ...found.flat()].slice(0, BREACHES_MAX);
  },
};

/** What must be blank of those who were erased, whoever they were. */
async function personalRows({ sql }: Stores): Promise<string[]> {
  const rows = await sql<{ id: string; what: string }[]>`
    with erased as (select id from users.customer where erased_at is not null)
    select c.id::text, 'customer' as what from users.customer c
      where c.erased_at is not null and (c.email <> '' or c.name <> '' or c.phone is not null)
    union all
    select a.customer_id::text, 'address' from users.address a join erased e on e.id = a.customer_id
    union all
    select o.customer_id::text, 'order' from orders."order" o join erased e on e.id = o.customer_id
      where o.email <> '' or o.shipping_address->>'name' <> '' or o.shipping_address->>'line1' <> ''
    union all
    select c.customer_id::text, 'cart' from carts.cart c join erased e on e.id = c.customer_id
      where c.email is not null or c.shipping_address is not null
    limit ${BREACHES_MAX}`;
  return rows.map(({ id, what }) => `${idOf("cus", id)} was erased and still has a ${what} that names the person`);
}

async function inPostgres({ sql }: Stores, texts: readonly string[]): Promise<string[]> {
  const columns = await sql<{ schema: string; name: string; column: string }[]>`
    select c.table_schema as schema, c.table_name as name, c.column_name as column from information_schema.columns c
    join information_schema.tables t on t.table_schema = c.table_schema and t.table_name = c.table_name
    where t.table_type = 'BASE TABLE' and c.table_schema not in ('pg_catalog', 'information_schema')
      and (c.data_type in ('text', 'jsonb', 'character varying') or c.udt_name = '_text')`;
  const patterns = texts.map((text) => `%${text.replace(/[%_\\]/g, "\\$&")}%`);
  const found: string[] = [];
  for (const { schema, name, column } of columns) {
    const [row] = await sql<{ count: number }[]>`
      select count(*)::int as count from ${sql(schema)}.${sql(name)} where lower(${sql(column)}::text) like any(${patterns})`;
    if (row && row.count > 0) found.push(`${schema}.${name}.${column} names an erased person in ${row.count} rows`);
  }
  return found;
}

async function inRedis({ redis }: Stores, texts: readonly string[]): Promise<string[]> {
  if (!redis) return [];
  const keys = await keysLike(redis, "*");
  const types = await Promise.all(keys.map((key) => redis.type(key)));
  const stored = await textsOf(
    redis,
    keys.filter((_, index) => types[index] === "string"),
  );
  const others = await Promise.all(
    keys.map(async (key, index) => [key, await membersOf(redis, key, types[index] ?? "")] as const),
  );
  const naming = [...stored, ...others].filter(([key, text]) => names(`${key}\n${text}`, texts));
  const kept = await Promise.all(naming.map(([key]) => isKeptAnswer(redis, key)));
  return naming.filter((_, index) => !kept[index]).map(([key]) => `${key} in Redis names an erased person`);
}

/** What stands in a key that is no plain text. */
async function membersOf(redis: Redis, key: string, type: string): Promise<string> {
  switch (type) {
    case "hash":
      return JSON.stringify(await redis.hgetall(key));
    case "set":
      return JSON.stringify(await redis.smembers(key));
    case "zset":
      return JSON.stringify(await redis.zrange(key, "0", "-1"));
    case "list":
      return JSON.stringify(await redis.lrange(key, 0, -1));
    case "stream":
      return JSON.stringify(await redis.xrange(key, "-", "+"));
    default:
      return "";
  }
}

const ANSWER_KEPT_SECONDS = 24 * 60 * 60;

/** An answer that edge keeps for who asks again with the same key: nobody else can find it, and it is gone within a day. */
async function isKeptAnswer(redis: Redis, key: string): Promise<boolean> {
  if (!key.startsWith("edge:once:")) return false;
  const left = await redis.ttl(key);
  return left > 0 && left <= ANSWER_KEPT_SECONDS;
}

async function inMongo({ mongo }: Stores, texts: readonly string[]): Promise<string[]> {
  if (!mongo) return [];
  const found: string[] = [];
  for (const { name } of await mongo.listCollections().toArray()) {
    for await (const document of mongo.collection(name).find()) {
      if (names(JSON.stringify(document), texts)) found.push(`${name} ${document._id} names an erased person`);
    }
  }
  return found;
}

async function inSearch({ typesense }: Stores, texts: readonly string[]): Promise<string[]> {
  if (!typesense) return [];
  const ask = async (path: string) => {
    const response = await fetch(new URL(path, typesense.url), {
      headers: { "x-typesense-api-key": typesense.apiKey },
    });
    return response.text();
  };
  const collections = JSON.parse(await ask("/collections")) as readonly { readonly name: string }[];
  const found: string[] = [];
  for (const { name } of collections) {
    if (names(await ask(`/collections/${encodeURIComponent(name)}/documents/export`), texts)) {
      found.push(`the search collection ${name} names an erased person`);
    }
  }
  return found;
}

function names(text: string, texts: readonly string[]): boolean {
  const lower = text.toLowerCase();
  return texts.some((one) => lower.includes(one));
}

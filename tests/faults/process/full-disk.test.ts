import { expect, setDefaultTimeout, test } from "bun:test";
import { openStores, verify } from "@stoa/verifier";
import postgres from "postgres";
import { buy, firstShippingMethod } from "./buy.ts";
import { untilWhole } from "./process-level.ts";
import { openProcessShop, type ProcessShop, SKU } from "./shop.ts";
import { openSmallDisk } from "./small-disk.ts";

setDefaultTimeout(300_000);

const DISK_MIB = 220;
const LOOK_MS = 100;
const BUYERS = 6;

/** Fills what the server has set aside for its log, so that it meets the full disk where it hurts most; answers how it ended. */
async function exhaustLog(databaseUrl: string): Promise<string> {
  const sql = postgres(databaseUrl, { max: 1, onnotice: () => undefined, connect_timeout: 2 });
  try {
    for (let round = 0; round < 60; round += 1) {
      await sql`create table if not exists ballast (filler text)`;
      await sql`insert into ballast select repeat(md5(i::text), 30) from generate_series(1, 4000) i`;
      await sql`select pg_switch_wal()`;
    }
    return "never";
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    await sql.end({ timeout: 1 });
  }
}

/** How a server that has met the full disk ends up: it has given up, or it answers (again). */
async function standing(shop: ProcessShop, databaseUrl: string): Promise<"ended" | "answers"> {
  const ended = shop.databaseExited().then(() => "ended" as const);
  for (;;) {
    const found = await Promise.race([ended, answers(databaseUrl)]);
    if (found !== "silent") return found;
  }
}

async function answers(databaseUrl: string): Promise<"answers" | "silent"> {
  const sql = postgres(databaseUrl, { max: 1, onnotice: () => undefined, connect_timeout: 2 });
  try {
    await sql`select 1`;
    return "answers";
  } catch {
    await Bun.sleep(LOOK_MS);
    return "silent";
  } finally {
    await sql.end({ timeout: 1 });
  }
}

// To mount a file system takes the rights of the machine's administrator.
const canMount = process.getuid?.() === 0 && Bun.which("mount") !== null;

test.skipIf(!canMount)(
  "a disk that is full under Postgres stops the shop, and with room again it goes on: nothing acknowledged is lost, nothing paid twice",
  async () => {
    await using disk = await openSmallDisk(DISK_MIB);
    if (disk === null) throw new Error("no file system can be mounted here");
    await using shop = await openProcessShop({ disk });
    const shippingMethod = await firstShippingMethod(shop.edgeUrl, SKU);
    const buyOne = () => buy(shop.edgeUrl, { sku: SKU, shippingMethod, paymentMethod: "pm_card_visa" });
    expect(await buyOne()).toContain("confirmed");
    const before = await shop.sql`select id from orders."order" where state = 'confirmed'`;

    expect(await disk.fill()).toBeGreaterThan(1);
    const buyers = Promise.all(Array.from({ length: BUYERS }, buyOne));
    expect(await exhaustLog(shop.storeUrls.databaseUrl)).toMatch(
      /No space left on device|CONNECTION|terminat|ECONN|recovery/i,
    );
    // While it recovers it cannot be told yet: with room too early it would never have given up.
    await standing(shop, shop.storeUrls.databaseUrl);
    await disk.free();
    // A server that has given up is started again by whoever keeps it running.
    if ((await standing(shop, shop.storeUrls.databaseUrl)) === "ended") await shop.startDatabase();

    const outcomes = await buyers;
    expect(outcomes.filter((outcome) => !outcome.includes("confirmed"))).toEqual([]);
    expect(await untilWhole(shop)).toEqual([]);
    const kept = await shop.sql`select id from orders."order" where id in ${shop.sql(before.map(({ id }) => id))}`;
    expect(kept).toHaveLength(before.length);
    await using stores = await openStores(shop.storeUrls);
    const reports = await verify(stores, { mode: "settled", now: new Date(), rebuild: shop.rebuild });
    expect(reports.filter(({ verdict }) => verdict !== "holds")).toEqual([]);
  },
);

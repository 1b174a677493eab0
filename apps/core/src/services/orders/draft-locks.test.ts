import { expect, setDefaultTimeout, test } from "bun:test";
import type { DraftId } from "@stoa/kernel";
import { sql } from "drizzle-orm";
import { type Transaction, transact } from "../../platform/db/index.ts";
import { eventually } from "../../testing/index.ts";
import { holdDraft } from "./cancel-draft.ts";
import { changeDraft } from "./compose-draft.ts";
import { aSku, available } from "./testing/checkout.ts";
import { aDraft, aStaffRequest, draftContent, draftOf } from "./testing/drafts.ts";
import { shopForFile } from "./testing/shop-for-file.ts";

setDefaultTimeout(60_000);

const shop = await shopForFile();
const staff = aStaffRequest();

async function isAnybodyWaiting(): Promise<boolean> {
  const [row] = await shop.db.execute(sql`select from pg_locks l join pg_stat_activity a on a.pid = l.pid
    where not l.granted and a.datname = current_database() limit 1`);
  return row !== undefined;
}

const lockItem = (tx: Transaction, sku: string) =>
  tx.execute(sql`select from inventory.stock_item where sku = ${sku} for update nowait`);

async function change(draftId: DraftId, sku: string): Promise<void> {
  const { version } = await draftOf(shop, draftId);
  const content = draftContent([{ sku, quantity: 1 }]);
  await changeDraft(shop.orders, staff, { draftId, version, content });
}

test("a draft whose held units become others locks both in the order of SKUs: who holds the first gets the second", async () => {
  const [low = "", high = ""] = [await aSku(shop, 3), await aSku(shop, 3)].sort();
  const draftId = await aDraft(shop, high);
  await holdDraft(shop.orders, staff, { draftId, seconds: 3_600 });
  const changing = await transact(shop.db, async (tx) => {
    await lockItem(tx, low);
    const work = change(draftId, low);
    await eventually(isAnybodyWaiting);
    await lockItem(tx, high);
    return { work };
  });
  await changing.work;
  expect([await available(shop, low), await available(shop, high)]).toEqual([2, 3]);
});

import { expect, test } from "bun:test";
import { sql } from "drizzle-orm";
import { transact } from "../../platform/db/index.ts";
import { databaseForFile, noTargets } from "../../testing/index.ts";
import { listLocations, saveLocation } from "./locations.ts";
import { NOW } from "./testing/fixture.ts";

const database = await databaseForFile();

test("the column that the next release drops is there for the one before, and this one does without it", async () => {
  await transact(database.db, async (tx) => {
    await tx.execute(sql`alter table inventory.location drop column address`);
    const place = { code: "annex", name: "Annex", kind: "store", priority: 200 } as const;
    const { id } = await saveLocation({ tx, now: NOW, findTargets: noTargets }, place);
    const saved = { ...place, id, customFields: {}, createdAt: new Date(NOW).toISOString() };
    expect(await listLocations({ db: tx })).toContainEqual(saved);
  });
});

import { expect, test } from "bun:test";
import { Problem } from "@stoa/kernel";
import { transact } from "../../platform/db/index.ts";
import { databaseForFile, defineFields, noTargets } from "../../testing/index.ts";
import { heldByLocations } from "./location-fields.ts";
import { listLocations, type SaveLocation, saveLocation } from "./locations.ts";
import { NOW } from "./testing/fixture.ts";

const database = await databaseForFile();
await defineFields(database.db, [
  { entity: "location", key: "phone", kind: "text", isRequired: true },
  { entity: "location", key: "docks", kind: "integer", min: 0 },
]);

const place = { code: "annex", name: "Annex", kind: "store", priority: 200 } as const;
const save = (input: SaveLocation) =>
  transact(database.db, (tx) => saveLocation({ tx, now: NOW, findTargets: noTargets }, input));

test("a location keeps what the shop's own fields say of it, judged whenever it changes", async () => {
  const refused = await save(place).catch((error: unknown) => error);
  if (!(refused instanceof Problem)) throw refused;
  expect(refused.members.errors).toEqual([{ path: "customFields.phone", message: "is required" }]);
  const { id } = await save({ ...place, customFields: { phone: "1", docks: 2 } });
  await save({ ...place, id, name: "Yard" });
  await save({ ...place, id, customFields: { docks: null } });
  const wrong = await save({ ...place, id, customFields: { docks: -1, nope: 1 } }).catch((error: unknown) => error);
  if (!(wrong instanceof Problem)) throw wrong;
  expect(wrong.members.errors?.map(({ path }) => path)).toEqual(["customFields.docks", "customFields.nope"]);
  expect((await listLocations(database)).find((one) => one.id === id)?.customFields).toEqual({ phone: "1" });
  expect(await Array.fromAsync(heldByLocations(database.db, "phone"))).toEqual([{ id, name: "annex", value: "1" }]);
});

import { beforeEach, expect, test } from "bun:test";
import { fixedClock, Problem } from "@stoa/kernel";
import { sql } from "drizzle-orm";
import { databaseForFile, defineFields } from "../../testing/index.ts";
import { openDatabase, transact } from "../db/index.ts";
import type { HeldValues } from "./breaches.ts";
import { fieldDefinitionSchema } from "./custom-field.ts";
import { readFields, readFieldsFresh } from "./fields.ts";
import { type AtField, archiveField, arrangeFields, deleteField, restoreField, saveField } from "./save-field.ts";

const database = await databaseForFile();
beforeEach(() => defineFields(database.db, []));

const now = fixedClock("2026-03-01T12:00:00Z").now();
const holding = (...values: string[]): HeldValues =>
  async function* () {
    for (const [index, value] of values.entries()) yield { id: `prod_${index + 1}`, name: "lamp", value };
  };
const none = holding();

function definition(members: Record<string, unknown> = {}) {
  return fieldDefinitionSchema.parse({
    entity: "product",
    key: "fabric",
    label: { en: "Fabric" },
    kind: "text",
    ...members,
  });
}

const save = (
  members: Record<string, unknown>,
  options: { version?: number; acceptBreaches?: boolean; held?: HeldValues } = {},
) => {
  const { held = none, acceptBreaches = false, version } = options;
  const input = { definition: definition(members), acceptBreaches, ...(version !== undefined && { version }) };
  return transact(database.db, (tx) => saveField({ tx, now }, input, held));
};
const at = (version: number): AtField => ({ entity: "product", key: "fabric", version });
const act = (verb: typeof archiveField, version: number) =>
  transact(database.db, (tx) => verb({ tx, now }, at(version)));

async function refusal(work: Promise<unknown>): Promise<Problem> {
  const error = await work.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (error instanceof Problem) return error;
  throw error ?? new Error("was not refused");
}

test("a field is defined, read at once, and announced in the same transaction", async () => {
  const { after } = await save({ isRequired: true });
  expect(after).toMatchObject({ key: "fabric", version: 1, archivedAt: null, isRequired: true, countMax: 1 });
  expect(await readFields(database.db, "product")).toEqual([after as never]);
  expect(await readFields(database.db, "order")).toEqual([]);
  const told = await database.db.execute(
    sql`select key, channel from platform.outbox where type = 'custom-fields.changed'`,
  );
  expect(told.at(-1)).toEqual({ key: "product", channel: "projection" });
});

test("a key is taken once for each kind of thing", async () => {
  await save({});
  expect((await refusal(save({}))).members.errors).toEqual([{ path: "key", message: "is taken" }]);
  await save({ entity: "variant" });
});

test("a definition that makes no sense is refused by its member", async () => {
  expect((await refusal(save({ isFilterable: true }))).members.errors).toMatchObject([{ path: "isFilterable" }]);
  const shown = { visibility: "shoppers" };
  expect((await refusal(save({ entity: "location", ...shown }))).members.errors).toMatchObject([
    { path: "visibility" },
  ]);
  for (const entity of ["order_line", "return"]) {
    await save({ entity, ...shown, isShopperEditable: true });
    const leading = { entity, key: "leads", ...shown, kind: "reference", to: "product" };
    expect((await refusal(save(leading))).members.errors).toMatchObject([{ path: "visibility" }]);
  }
});

test("whoever saves over a newer version is told of it", async () => {
  await save({});
  await save({ lengthMax: 50 }, { version: 1 });
  expect(await refusal(save({ lengthMax: 60 }, { version: 1 }))).toMatchObject({
    code: "version_conflict",
    members: { version: 2 },
  });
  expect((await refusal(save({ key: "other" }, { version: 1 }))).code).toBe("not_found");
});

test("two who define at once both get their field", async () => {
  await using other = openDatabase({
    url: database.url,
    poolSize: 2,
    statementTimeoutMs: 50_000,
    applicationName: "other",
  });
  const input = (key: string) => ({ definition: definition({ key }), acceptBreaches: false });
  await Promise.all([
    ...[1, 2, 3, 4].map((n) => transact(database.db, (tx) => saveField({ tx, now }, input(`a${n}`), none))),
    ...[1, 2, 3, 4].map((n) => transact(other.db, (tx) => saveField({ tx, now }, input(`b${n}`), none))),
  ]);
  expect((await readFieldsFresh(database.db)).product).toHaveLength(8);
});

test("narrowing what values would break is refused with their list, unless it is accepted", async () => {
  await save({});
  const held = holding("Wool", "ok");
  const items = [{ id: "prod_1", name: "lamp", message: "must have at most 2 characters" }];
  const breaches = { held: 2, total: 1, items };
  const refused = await refusal(save({ lengthMax: 2 }, { version: 1, held }));
  expect(refused).toMatchObject({ code: "state_conflict", members: { breaches } });
  expect((await readFields(database.db, "product"))[0]).toMatchObject({ lengthMax: 200, version: 1 });
  const { after } = await save({ lengthMax: 2 }, { version: 1, held, acceptBreaches: true });
  expect(after).toMatchObject({ lengthMax: 2, version: 2 });
});

test("a kind stays while there are values of it, whatever is accepted", async () => {
  await save({});
  const options = { version: 1, held: holding("Wool"), acceptBreaches: true };
  expect((await refusal(save({ kind: "integer" }, options))).code).toBe("state_conflict");
  expect((await refusal(save({ countMax: 3 }, options))).code).toBe("state_conflict");
  expect((await save({ kind: "integer" }, { version: 1 })).after).toMatchObject({ kind: "integer" });
});

test.each(["order", "order_line"])("what shoppers see of an %s is not taken back from them", async (entity) => {
  await save({ entity, visibility: "shoppers" });
  const hide = (held: HeldValues) => save({ entity }, { version: 1, held });
  expect((await refusal(hide(holding("Wool")))).code).toBe("state_conflict");
  expect((await hide(none)).after).toMatchObject({ visibility: "staff" });
});

test("an archived field stays until it is restored, and only an unused one can be deleted", async () => {
  await save({});
  expect((await act(archiveField, 1)).after).toMatchObject({ archivedAt: now, version: 2 });
  expect(await readFields(database.db, "product")).toHaveLength(1);
  expect((await act(restoreField, 2)).after).toMatchObject({ archivedAt: null, version: 3 });
  const remove = (held: HeldValues) => transact(database.db, (tx) => deleteField({ tx, now }, at(3), held));
  expect((await refusal(remove(holding("Wool", "Silk")))).code).toBe("state_conflict");
  expect((await remove(none)).after).toBeNull();
  expect(await readFields(database.db, "product")).toEqual([]);
});

test("fields come in the order in which staff put them", async () => {
  for (const key of ["a", "b", "c"]) await save({ key });
  await save({ entity: "order", key: "x" });
  await transact(database.db, (tx) => arrangeFields({ tx, now }, { entity: "product", keys: ["c", "a"] }));
  expect((await readFields(database.db, "product")).map(({ key }) => key)).toEqual(["c", "a", "b"]);
  expect(await readFields(database.db, "order")).toHaveLength(1);
});

test("there is an end to fields", async () => {
  const full = Array.from({ length: 100 }, (_, n) => ({ entity: "product", key: `f${n}`, kind: "boolean" }));
  await defineFields(database.db, full);
  expect((await refusal(save({ key: "one_more" }))).members.errors).toMatchObject([{ path: "key" }]);
});

test("a field is not called what every object has", async () => {
  expect((await refusal(save({ key: "constructor" }))).members.errors).toMatchObject([{ path: "key" }]);
});

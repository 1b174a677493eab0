import { expect, test } from "bun:test";
import { fixedClock } from "@stoa/kernel";
import { sql } from "drizzle-orm";
import { z } from "zod";
import { databaseForFile, eventually } from "../../testing/index.ts";
import { openDatabase, transact } from "../db/index.ts";
import { defineSetting, holdSetting, readSetting, readSettingFresh, settingsClock, writeSetting } from "./index.ts";

const database = await databaseForFile();

const now = fixedClock("2026-03-01T12:00:00Z").now();
const colour = () => defineSetting(`colour-${crypto.randomUUID()}`, z.object({ name: z.string() }), { name: "none" });

test("a setting is its fallback until it is written, and what was written is read at once", async () => {
  const setting = colour();
  expect(await readSetting(database.db, setting)).toEqual({ name: "none" });
  await transact(database.db, async (tx) => {
    await writeSetting(tx, now, setting, { name: "red" });
    expect(await readSetting(tx, setting)).toEqual({ name: "red" });
    expect(await readSetting(database.db, setting)).toEqual({ name: "none" });
  });
  expect(await readSetting(database.db, setting)).toEqual({ name: "red" });
});

test("a write that is rolled back is read by nobody", async () => {
  const setting = colour();
  const failing = transact(database.db, async (tx) => {
    await writeSetting(tx, now, setting, { name: "red" });
    await readSetting(tx, setting);
    throw new Error("rolled back");
  });
  await expect(failing).rejects.toThrow("rolled back");
  expect(await readSetting(database.db, setting)).toEqual({ name: "none" });
});

test("a value that another process has changed is followed within moments", async () => {
  const setting = colour();
  expect(await readSetting(database.db, setting)).toEqual({ name: "none" });
  const options = { url: database.url, poolSize: 1, statementTimeoutMs: 50_000, applicationName: "other" };
  await using other = openDatabase(options);
  await transact(other.db, (tx) => writeSetting(tx, now, setting, { name: "blue" }));
  await eventually(async () => (await readSetting(database.db, setting)).name === "blue");
});

test("a write in a transaction of another making is read at once", async () => {
  const setting = colour();
  await readSetting(database.db, setting);
  await database.db.transaction((tx) => writeSetting(tx, now, setting, { name: "red" }));
  expect(await readSetting(database.db, setting)).toEqual({ name: "red" });
});

test("the first setting that is asked for brings in all: no other one costs a statement of its own", async () => {
  const [first, second] = [colour(), colour()];
  await transact(database.db, (tx) => writeSetting(tx, now, second, { name: "green" }));
  const { now: measured } = settingsClock;
  settingsClock.now = () => 1_000_000_000;
  try {
    await readSetting(database.db, first);
    const other = JSON.stringify({ name: "grey" });
    await database.db.execute(sql`update platform.setting set value = ${other}::jsonb where name = ${second.name}`);
    expect(await readSetting(database.db, second)).toEqual({ name: "green" });
    settingsClock.now = () => 1_000_002_000;
    expect(await readSetting(database.db, second)).toEqual({ name: "grey" });
  } finally {
    settingsClock.now = measured;
    await transact(database.db, (tx) => writeSetting(tx, now, first, { name: "none" }));
  }
});

test("who holds a setting reads it as it is, and the next who would waits for the write", async () => {
  const setting = colour();
  const append = (letter: string) =>
    transact(database.db, async (tx) => {
      const { name } = await holdSetting(tx, setting);
      await writeSetting(tx, now, setting, { name: name + letter });
    });
  await Promise.all([..."abcde"].map(append));
  expect([...(await readSettingFresh(database.db, setting)).name].sort().join("")).toBe(
    [..."noneabcde"].sort().join(""),
  );
});

import { expect, test } from "bun:test";
import { resolve } from "node:path";
import { mutate } from "./mutant.ts";
import { mutants } from "./mutants.ts";

const root = resolve(import.meta.dir, "../../..");

test("every mutant still fits the code it mutates, and its tests are there", async () => {
  for (const mutant of mutants) {
    const source = await Bun.file(resolve(root, mutant.file)).text();
    expect(mutate(mutant, source)).not.toBe(source);
    for (const file of mutant.tests ?? []) expect(await Bun.file(resolve(root, file)).exists()).toBe(true);
  }
});

test("there are thirty mutants at least, each with a name of its own", () => {
  expect(mutants.length).toBeGreaterThanOrEqual(30);
  expect(new Set(mutants.map(({ name }) => name)).size).toBe(mutants.length);
});

test("the page about mutants has each of them, and no other", async () => {
  const page = await Bun.file(resolve(root, "docs/operations/mutants.md")).text();
  const told = [...page.matchAll(/^\| `([\w-]+)`/gm)].map(([, name]) => name);
  expect(told.toSorted()).toEqual(mutants.map(({ name }) => name).toSorted());
});

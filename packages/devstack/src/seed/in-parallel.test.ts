import { expect, test } from "bun:test";
import { inParallel } from "./in-parallel.ts";

test("results stand in the items' order, whichever was done first", async () => {
  const gates = [1, 2, 3].map(() => Promise.withResolvers<void>());
  const done = inParallel([0, 1, 2], 3, async (item) => {
    await gates[item]?.promise;
    return `done ${item}`;
  });
  for (const gate of gates.toReversed()) gate.resolve();
  expect(await done).toEqual(["done 0", "done 1", "done 2"]);
});

test("never more than the limit are under way", async () => {
  let under = 0;
  let most = 0;
  await inParallel([...Array(20).keys()], 3, async () => {
    under += 1;
    most = Math.max(most, under);
    await Promise.resolve();
    under -= 1;
  });
  expect(most).toBe(3);
});

test("after a failure nothing new is begun, and the failure is told", async () => {
  const begun: number[] = [];
  const work = inParallel([1, 2, 3, 4, 5], 1, async (item) => {
    begun.push(item);
    if (item === 2) throw new Error("refused");
  });
  await expect(work).rejects.toThrow("refused");
  expect(begun).toEqual([1, 2]);
});

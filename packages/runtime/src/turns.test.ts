import { expect, test } from "bun:test";
import { Turns } from "./turns.ts";

test("so much is done at once, in the order in which it came; who comes when the line is full is sent away", async () => {
  const turns = new Turns({ name: "work", atOnceMax: 2, waitingMax: 2 });
  const gates = Array.from({ length: 4 }, () => Promise.withResolvers<void>());
  const begun: number[] = [];
  const works = gates.map(({ promise }, index) =>
    turns.run(async () => {
      begun.push(index);
      await promise;
      if (index === 1) throw new Error("broke");
      return index;
    }),
  );
  await expect(turns.run(async () => 5)).rejects.toThrow("bulkhead_full");
  expect(begun).toEqual([0, 1]);
  gates[1]?.resolve();
  await expect(works[1]).rejects.toThrow("broke");
  expect(begun).toEqual([0, 1, 2]);
  for (const gate of gates) gate.resolve();
  expect(await Promise.all([works[0], works[2], works[3]])).toEqual([0, 2, 3]);
  expect(await turns.run(async () => "free again")).toBe("free again");
});

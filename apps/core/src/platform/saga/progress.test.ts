import { expect, test } from "bun:test";
import { done, saga } from "./plan.ts";
import { nextUnit, type Progress } from "./progress.ts";

const plan = saga<null>("test")
  .start("accepted", { undo: async () => undefined })
  .step("stock", { do: async () => done(null), undo: async () => undefined });

const unwinding: Progress = { state: "unwinding", failure: null, isPastPivot: false, steps: new Map() };

test("a saga aborted before its first turn still takes back what was done when it was started", () => {
  expect(nextUnit(plan, unwinding)).toMatchObject({ kind: "undo", step: { name: "accepted" } });
});

test("what was taken back is not taken back again, and steps that never began are left alone", () => {
  const undone = { state: "undone", output: null, attempts: 0, startedAt: 0 } as never;
  const progress = { ...unwinding, steps: new Map([["accepted", undone]]) };
  expect(nextUnit(plan, progress)).toEqual({ kind: "end", state: "unwound" });
});

test("only the first step can have happened at the start", () => {
  const late = saga<null>("late").step("a", { do: async () => done(null) });
  expect(() => late.start("b", { undo: async () => undefined })).toThrow("not the first step");
});

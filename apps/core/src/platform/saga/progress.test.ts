import { expect, test } from "bun:test";
import { done, refused, saga } from "./plan.ts";
import { applyOutcome, begin, nextUnit, type Progress } from "./progress.ts";

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

test("a refusal unwinds before the pivot, and behind it is left to people", () => {
  const whole = plan.pivot("confirmed", { do: async () => done(null) }).step("told", { do: async () => done(null) });
  const [, stock, , told] = whole.steps;
  if (!stock || !told) throw new Error("no such steps");
  const running: Progress = { ...unwinding, state: "running" };
  const refuse = (step: typeof stock, from: Progress) =>
    applyOutcome(begin(from, step, "started", 0 as never), step, refused("state_conflict"));
  expect(refuse(stock, running).state).toBe("unwinding");
  expect(refuse(told, { ...running, isPastPivot: true }).state).toBe("stuck");
});

import { expect, test } from "bun:test";
import { createHealth } from "./health.ts";

test("a report names each dependency, and one that fails or hangs makes the whole not ok", async () => {
  const failures: string[] = [];
  const health = createHealth({
    timeoutMs: 20,
    checks: {
      good: async () => {},
      bad: async () => {
        throw new Error("password authentication failed");
      },
      hung: () => new Promise(() => {}),
    },
    onFailure: (name) => failures.push(name),
  });
  const report = await health.check();
  expect(report.ok).toBe(false);
  expect(report.checks.good).toMatchObject({ ok: true });
  expect(report.checks.bad).toMatchObject({ ok: false, reason: "failed" });
  expect(report.checks.hung).toMatchObject({ ok: false, reason: "timed out" });
  expect(JSON.stringify(report)).not.toContain("password");
  expect(failures.sort()).toEqual(["bad", "hung"]);
});

test("callers at the same time share one run, and its result is kept", async () => {
  let runs = 0;
  const health = createHealth({
    timeoutMs: 1_000,
    checks: {
      counted: async () => {
        runs += 1;
      },
    },
  });
  await Promise.all([health.check(), health.check(), health.check()]);
  await health.check();
  expect(runs).toBe(1);
});

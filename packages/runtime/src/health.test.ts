import { expect, test } from "bun:test";
import { createHealth } from "./health.ts";

test("a report names each dependency, and one that fails or hangs makes the whole not ok", async () => {
  const failures: string[] = [];
  const waiting = new Set<() => void>();
  const health = createHealth({
    timeoutMs: 1_000,
    // The time is over as soon as nothing but the one that hangs is waited for.
    timer: (_, late) => {
      waiting.add(late);
      return () => {
        waiting.delete(late);
        if (waiting.size === 1) for (const one of waiting) one();
      };
    },
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

test("callers at the same time share one run, and its result is kept for a second", async () => {
  let runs = 0;
  let now = 0;
  const health = createHealth({
    timeoutMs: 1_000,
    now: () => now,
    checks: {
      counted: async () => {
        runs += 1;
      },
    },
  });
  await Promise.all([health.check(), health.check(), health.check()]);
  now = 999;
  await health.check();
  expect(runs).toBe(1);
  now = 1_000;
  await health.check();
  expect(runs).toBe(2);
});

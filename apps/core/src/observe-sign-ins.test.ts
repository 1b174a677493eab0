import { expect, test } from "bun:test";
import { createMetrics } from "@stoa/runtime";
import { signInObserver } from "./observe-sign-ins.ts";

test("sign-ins that have to wait are counted one by one, and told of once, without a word about whom", async () => {
  const metrics = createMetrics({ app: "core" });
  const lines: unknown[] = [];
  const logger = { warn: (text: string, fields: object) => lines.push([text, fields]) };
  const observe = signInObserver(logger as never, metrics);
  const one = { door: "staff", limit: "strangers", waitSeconds: 900 } as const;
  observe({ ...one, isFirst: true });
  observe({ ...one, isFirst: false });
  expect(await metrics.metricsText()).toContain('door="staff",limit="strangers",app="core"} 2');
  expect(lines).toEqual([["somebody has tried to sign in too often and has to wait", one]]);
});

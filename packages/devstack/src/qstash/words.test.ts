import { expect, test } from "bun:test";
import { nextCronTime, parseCron } from "./cron.ts";
import { backoffMs, parseDuration, requestedDelayMs } from "./durations.ts";
import { evaluateRetryDelay } from "./retry-expression.ts";

const next = (expression: string, after: string) =>
  new Date(nextCronTime(parseCron(expression), Date.parse(after))).toISOString();

test("cron expressions come due when a calendar says so", () => {
  expect(next("*/15 * * * *", "2026-01-31T23:50:00Z")).toBe("2026-02-01T00:00:00.000Z");
  expect(next("0 9 * * mon-fri", "2026-01-30T09:00:00Z")).toBe("2026-02-02T09:00:00.000Z");
  expect(next("30 4 29 2 *", "2026-03-01T00:00:00Z")).toBe("2028-02-29T04:30:00.000Z");
  expect(next("0 0 1,15 * 3", "2026-07-01T00:00:00Z")).toBe("2026-07-08T00:00:00.000Z");
  expect(next("5 0 * jan 7", "2026-01-01T00:00:00Z")).toBe("2026-01-04T00:05:00.000Z");
  expect(next("CRON_TZ=UTC 0 0 * * *", "2026-01-01T00:00:00Z")).toBe("2026-01-02T00:00:00.000Z");
});

test.each([
  "",
  "* * * *",
  "60 * * * *",
  "* * 0 * *",
  "* * * 13 *",
  "a * * * *",
  "*/0 * * * *",
  "5-1 * * * *",
  "* * * foo *",
])("the cron expression %p is refused", (expression) => {
  expect(() => parseCron(expression)).toThrow("invalid cron expression");
});

test("a date that never comes and a foreign time zone are refused", () => {
  expect(() => next("0 0 31 2 *", "2026-01-01T00:00:00Z")).toThrow("never comes due");
  expect(() => parseCron("CRON_TZ=Europe/Rome 0 0 * * *")).toThrow("UTC only");
});

test("retries back off as documented: 12 s, 2m28, 30m08, 6h07, then a day", () => {
  expect([1, 2, 3, 4, 5].map((retry) => Math.floor(backoffMs(retry) / 1_000))).toEqual([
    12, 148, 1_808, 22_026, 86_400,
  ]);
});

test("durations are sums of units or seconds", () => {
  expect(parseDuration("1d10h30m", "delay")).toBe(124_200_000);
  expect(parseDuration("50s", "delay")).toBe(50_000);
  expect(parseDuration("2", "delay")).toBe(2_000);
  expect(() => parseDuration("5 parsecs", "delay")).toThrow("invalid delay");
});

test("retry expressions know the documented functions and nothing else", () => {
  expect(evaluateRetryDelay("max(1000, pow(2, retried) * 100)", 5)).toBe(3_200);
  expect(evaluateRetryDelay("-(1 - 3) * 2 + floor(1.9) / 2", 0)).toBe(4.5);
  expect(evaluateRetryDelay("pow(10, 400)", 0)).toBe(86_400_000);
  expect(evaluateRetryDelay("0 / retried", 0)).toBe(86_400_000);
  for (const wrong of ["", "1 +", "retried()", "eval(1)", "constructor(1)", "2 3", "(1", "min()"]) {
    expect(() => evaluateRetryDelay(wrong, 1)).toThrow("invalid retry delay");
  }
});

test("Retry-After is read as seconds, as a duration and as a date, and ignored beyond a day", () => {
  const now = Date.parse("2026-01-01T00:00:00Z");
  expect(requestedDelayMs({ "retry-after": "120" }, now)).toBe(120_000);
  expect(requestedDelayMs({ "retry-after": "Thu, 01 Jan 2026 00:01:00 GMT" }, now)).toBe(60_000);
  expect(requestedDelayMs({ "x-ratelimit-reset-requests": "6m0s" }, now)).toBe(360_000);
  expect(requestedDelayMs({ "x-ratelimit-reset": String(now / 1_000 + 30) }, now)).toBe(30_000);
  expect(requestedDelayMs({ "retry-after": "90000" }, now)).toBeNull();
  expect(requestedDelayMs({ "retry-after": "soon" }, now)).toBeNull();
  expect(requestedDelayMs({}, now)).toBeNull();
});

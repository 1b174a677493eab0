import { expect, test } from "bun:test";
import { repeatedFailures } from "./repeated-failures.ts";

const MINUTE_MS = 60_000;

function bench() {
  const lines: string[] = [];
  const time = { ms: 0 };
  const failures = repeatedFailures({
    everyMs: MINUTE_MS,
    told: ({ work, count, error }) => lines.push(`${work}: ${count} × ${error}`),
    over: ({ work, count }) => lines.push(`${work}: over, ${count}`),
    now: () => time.ms,
  });
  return { lines, time, failures };
}

test("the first failure is told at once, a thousand more once a minute with their count, and the end", () => {
  const { lines, time, failures } = bench();
  for (let at = 0; at <= 2 * MINUTE_MS; at += 100) {
    time.ms = at;
    failures.failed("search", new Error("refused"));
  }
  failures.failed("search", new Error("refused"));
  failures.done("search");
  failures.done("search");
  expect(lines).toEqual([
    "search: 1 × Error: refused",
    "search: 600 × Error: refused",
    "search: 600 × Error: refused",
    "search: over, 1",
  ]);
});

test("another work and another kind of error are told of their own", () => {
  const { lines, failures } = bench();
  for (let round = 0; round < 3; round += 1) {
    failures.failed("search", new Error("refused"));
    failures.failed("shop", new Error("refused"));
    failures.failed("search", new TypeError("x is undefined"));
  }
  expect(lines).toEqual([
    "search: 1 × Error: refused",
    "shop: 1 × Error: refused",
    "search: 1 × TypeError: x is undefined",
  ]);
});

test("what fails every other time is not told every other time", () => {
  const { lines, time, failures } = bench();
  for (let round = 0; round < 100; round += 1) {
    time.ms += 100;
    failures.failed("search", new Error("refused"));
    failures.done("search");
  }
  expect(lines).toEqual(["search: 1 × Error: refused", "search: over, 0"]);
  time.ms += MINUTE_MS;
  failures.failed("search", new Error("refused"));
  expect(lines.at(-1)).toBe("search: 100 × Error: refused");
});

test("success without a failure says nothing", () => {
  const { lines, failures } = bench();
  failures.done("search");
  expect(lines).toEqual([]);
});

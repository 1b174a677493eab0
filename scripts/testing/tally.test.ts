import { expect, test } from "bun:test";
import { sum, tallyOf } from "./tally.ts";

const report = `<?xml version="1.0"?><testsuites name="bun test" tests="9" assertions="20" failures="2" skipped="1" time="1.2">`;

test("a report's passes and failures are counted, skipped tests are neither", () => {
  expect(tallyOf(report, 1)).toEqual({ passed: 6, failed: 2 });
});

test("a run that broke without a failed test is one failure", () => {
  expect(tallyOf(report.replace('failures="2"', 'failures="0"'), 1)).toEqual({ passed: 8, failed: 1 });
  expect(tallyOf(null, 134)).toEqual({ passed: 0, failed: 1 });
});

test("tallies add up", () => {
  expect(
    sum([
      { passed: 1, failed: 0 },
      { passed: 2, failed: 3 },
    ]),
  ).toEqual({ passed: 3, failed: 3 });
});

export interface Tally {
  readonly passed: number;
  readonly failed: number;
}

export function sum(tallies: readonly Tally[]): Tally {
  return {
    passed: tallies.reduce((left, tally) => left + tally.passed, 0),
    failed: tallies.reduce((left, tally) => left + tally.failed, 0),
  };
}

/**
 * What a JUnit report counts. A run that failed without a failed test (a file that cannot be loaded, a crash, no report at all)
 * counts as one failure, so that nothing can break in silence.
 */
export function tallyOf(report: string | null, exitCode: number): Tally {
  const head = report === null ? "" : (/<testsuites\b[^>]*>/.exec(report)?.[0] ?? "");
  const count = (name: string) => Number(new RegExp(`\\b${name}="(\\d+)"`).exec(head)?.[1] ?? 0);
  const failed = count("failures") + count("errors");
  const passed = count("tests") - failed - count("skipped");
  return { passed: Math.max(0, passed), failed: failed === 0 && exitCode !== 0 ? 1 : failed };
}

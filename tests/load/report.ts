import type { Costs } from "./costs.ts";

export interface CostReport {
  readonly before: Costs;
  readonly after: Costs;
  /** A stretch without any order. */
  readonly idle: { readonly before: Costs; readonly after: Costs };
  readonly orders: number;
  readonly showStatements: boolean;
}

/** Below this many a checkout, a statement belongs to the sweeps. */
const CALLS_SHOWN_MIN = 0.05;

/** What one order cost: differences of counters, less what the same time costs without orders. */
export function printCosts(report: CostReport): void {
  const { before, after, idle, orders } = report;
  const share = (after.at - before.at) / (idle.after.at - idle.before.at);
  const each = (of: (costs: Costs) => number) =>
    (of(after) - of(before) - share * (of(idle.after) - of(idle.before))) / orders;
  const cpu = (name: string) => each((costs) => costs.cpuMs[name] ?? 0);
  console.log(
    `  an order costs ${each((costs) => costs.statements).toFixed(1)} SQL statements in ${each((costs) => costs.commits).toFixed(1)} commits,`,
  );
  console.log(
    `  ${each((costs) => costs.messages).toFixed(2)} queue messages, and ${(cpu("core") + cpu("edge")).toFixed(2)} ms of CPU in core and edge`,
  );
  const parts = Object.keys(after.cpuMs).map((name) => `${name} ${cpu(name).toFixed(2)}`);
  console.log(`  CPU milliseconds by process: ${parts.join(", ")}`);
  printPhases(report);
  if (report.showStatements) printStatements(report);
}

/** Where core's time went: each histogram with its calls an order and its mean. */
function printPhases({ before, after, orders }: CostReport): void {
  for (const [name, { sum, count }] of [...after.histograms].sort()) {
    const old = before.histograms.get(name) ?? { sum: 0, count: 0 };
    const calls = count - old.count;
    if (calls / orders < CALLS_SHOWN_MIN || !name.includes("seconds")) continue;
    const meanMs = (1_000 * (sum - old.sum)) / calls;
    console.log(`    ${(calls / orders).toFixed(2).padStart(6)} × ${meanMs.toFixed(2).padStart(8)} ms  ${name}`);
  }
}

function printStatements({ before, after, orders }: CostReport): void {
  const rows = [...after.calls]
    .map(([text, calls]) => ({ text, each: (calls - (before.calls.get(text) ?? 0)) / orders }))
    .filter(({ each }) => each >= CALLS_SHOWN_MIN)
    .sort((left, right) => right.each - left.each);
  for (const { text, each } of rows) {
    console.log(`    ${each.toFixed(2).padStart(6)} × ${text.replaceAll(/\s+/g, " ").slice(0, 160)}`);
  }
}

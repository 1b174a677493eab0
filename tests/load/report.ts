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
const STATEMENT_SHOWN_MAX = 160;

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
  printRows(each, after);
  printPhases(report);
  if (report.showStatements) printStatements(report);
}

function printRows(each: (of: (costs: Costs) => number) => number, { rowsByTable }: Costs): void {
  const rows = Object.keys(rowsByTable)
    .map((name) => ({ name, written: each((costs) => costs.rowsByTable[name] ?? 0) }))
    .filter(({ written }) => written >= CALLS_SHOWN_MIN)
    .sort((left, right) => right.written - left.written);
  const total = rows.reduce((sum, { written }) => sum + written, 0);
  console.log(`  ${total.toFixed(0)} rows written in ${rows.length} tables:`);
  console.log(`    ${rows.map(({ name, written }) => `${name} ${written.toFixed(1)}`).join(", ")}`);
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
  const rows = [...after.bySql]
    .map(([text, { calls, ms }]) => {
      const old = before.bySql.get(text) ?? { calls: 0, ms: 0 };
      return { text, calls: (calls - old.calls) / orders, ms: (ms - old.ms) / orders };
    })
    .filter(({ calls }) => calls >= CALLS_SHOWN_MIN)
    .sort((left, right) => right.ms - left.ms);
  for (const { text, calls, ms } of rows) {
    const shown = text.replaceAll(/\s+/g, " ").slice(0, STATEMENT_SHOWN_MAX);
    console.log(`    ${calls.toFixed(2).padStart(6)} × ${ms.toFixed(3).padStart(7)} ms  ${shown}`);
  }
}

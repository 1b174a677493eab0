import { existsSync, readFileSync } from "node:fs";

// Loaded before an application of the shop (BUN_OPTIONS=--preload …): kills core, as kill -9 does, at a named gate, and sets its clock ahead.
// What it does stands in the file FAULT_FILE when the process starts.

export interface Orders {
  /** Name of a gate, such as `place-order:calling:payment`; null kills nobody. */
  readonly gate: string | null;
  /** The first, second … time that it is passed. */
  readonly pass: number;
  /** A core that comes back after a kill need not wait for the dead one's leases. */
  readonly aheadMs: number;
}

const file = process.env.FAULT_FILE;
const isCore = process.argv.some((argument) => argument.endsWith("apps/core/src/main.ts"));
if (file !== undefined && isCore && existsSync(file)) {
  const { gate, pass, aheadMs } = JSON.parse(readFileSync(file, "utf8")) as Orders;
  const real = Date.now;
  Date.now = () => real() + aheadMs;
  let passed = 0;
  Reflect.set(globalThis, Symbol.for("stoa.gate"), (name: string) => {
    if (name !== gate) return;
    passed += 1;
    if (passed === pass) process.kill(process.pid, "SIGKILL");
  });
}

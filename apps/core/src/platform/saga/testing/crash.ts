/** Where platform/gates looks for the hook of a fault harness. */
export const GATE = Symbol.for("stoa.gate");

/** Records every named point a run passes. */
export async function recordGates(run: () => Promise<unknown>): Promise<string[]> {
  const passed: string[] = [];
  Reflect.set(globalThis, GATE, (name: string) => {
    passed.push(name);
  });
  try {
    await run();
  } finally {
    Reflect.deleteProperty(globalThis, GATE);
  }
  return passed;
}

/**
 * Runs until the gate of the given number (from 0) and goes no further, as a killed process would:
 * what waits behind the gate waits for ever.
 */
export async function crashAt(gateNumber: number, run: () => Promise<unknown>): Promise<"crashed" | "finished"> {
  let passed = 0;
  const reached = Promise.withResolvers<"crashed">();
  Reflect.set(globalThis, GATE, () => {
    passed += 1;
    if (passed - 1 !== gateNumber) return undefined;
    reached.resolve("crashed");
    return new Promise(() => undefined);
  });
  try {
    return await Promise.race([reached.promise, run().then(() => "finished" as const)]);
  } finally {
    Reflect.deleteProperty(globalThis, GATE);
  }
}

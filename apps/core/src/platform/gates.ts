/** A hook that fault tests put into a core they start, to stop or kill it at a named point. Absent in every other process. */
const GATE = Symbol.for("stoa.gate");

/** Passes at once unless a fault harness has installed its hook before the process's own code was loaded. */
export async function gate(name: string): Promise<void> {
  const hook: unknown = Reflect.get(globalThis, GATE);
  if (typeof hook === "function") await hook(name);
}

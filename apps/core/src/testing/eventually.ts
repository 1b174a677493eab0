const PATIENCE_MS = 30_000;

/** Waits until something holds, asking again and again; fails when it never does. */
export async function eventually(holds: () => boolean | Promise<boolean>): Promise<void> {
  const until = performance.now() + PATIENCE_MS;
  while (!(await holds())) {
    if (performance.now() > until) throw new Error("it never came to hold");
    await Bun.sleep(5);
  }
}

const PATIENCE_MS = 60_000;
const LOOK_MS = 30;

/** Waits until the condition holds. @throws after a minute. */
export async function eventually(condition: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`still not true after ${PATIENCE_MS / 1_000} s: ${condition}`);
    await Bun.sleep(LOOK_MS);
  }
}

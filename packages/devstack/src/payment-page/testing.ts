const EVENTUALLY_MS = 8_000;

/** Waits until `check` no longer throws, and gives what it returns. */
export async function eventually<Result>(check: () => Result | Promise<Result>): Promise<Result> {
  const deadline = Date.now() + EVENTUALLY_MS;
  while (true) {
    try {
      return await check();
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await Bun.sleep(10);
    }
  }
}

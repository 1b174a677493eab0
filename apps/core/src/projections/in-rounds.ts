/**
 * Gathers what comes while a round of `work` is under way; the next round takes all of it at once, each item once.
 * Resolves when the round with these items is done, and rejects when it failed.
 */
export function inRounds<T>(work: (items: readonly T[]) => Promise<void>): (items: readonly T[]) => Promise<void> {
  let waiting = new Set<T>();
  let working: Promise<void> = Promise.resolve();
  let next: Promise<void> | null = null;
  const round = async () => {
    const items = waiting;
    waiting = new Set();
    next = null;
    await work([...items]);
  };
  return (items) => {
    for (const item of items) waiting.add(item);
    if (!next) {
      next = working.then(round);
      working = next.catch(() => undefined);
    }
    return next;
  };
}

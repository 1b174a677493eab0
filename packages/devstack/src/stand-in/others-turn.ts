/** Ends once whatever else waits in this process has been dealt with: other clients are answered before long work goes on. */
export function othersTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

import type { Clock } from "@stoa/kernel";

export function cached<T>(read: () => Promise<T>, clock: Clock, forMs: number): () => Promise<T> {
  let known: { readonly value: T; readonly until: number } | null = null;
  return async () => {
    if (known && clock.now() < known.until) return known.value;
    try {
      known = { value: await read(), until: clock.now() + forMs };
    } catch (error) {
      // They hardly ever change: while Postgres is away, the last ones known still hold.
      if (!known) throw error;
    }
    return known.value;
  };
}

import { RedisError } from "../reply.ts";

const PICKS_MAX = 1_000_000;

/** A positive count picks that many different items at most; a negative one picks exactly that many, with repeats. */
export function pick<T>(items: readonly T[], count: number): T[] {
  if (Math.abs(count) > PICKS_MAX) throw new RedisError("ERR value is out of range");
  if (items.length === 0) return [];
  if (count < 0) {
    return Array.from({ length: -count }, () => items[Math.floor(Math.random() * items.length)]).filter(isPresent);
  }
  const left = [...items];
  const chosen: T[] = [];
  while (chosen.length < count && left.length > 0) {
    const at = Math.floor(Math.random() * left.length);
    const [item] = left.splice(at, 1, ...left.slice(-1));
    left.pop();
    if (item !== undefined) chosen.push(item);
  }
  return chosen;
}

function isPresent<T>(item: T | undefined): item is T {
  return item !== undefined;
}

/** Up to so many, choosing the first ones is cheaper than parting and sorting. */
const CHOSEN_MAX = 1_000;

type Compare<T> = (one: T, other: T) => number;

/**
 * Puts those into their places that stand from `from` up to `to` (not included) when all are sorted: a page of a long list needs no order
 * before and behind it. Works in place. No two may be equal.
 */
export function orderPart<T>(items: T[], from: number, to: number, compare: Compare<T>): T[] {
  if (to <= CHOSEN_MAX && to * 8 < items.length) return chooseFirst(items, to, compare);
  const end = Math.min(to, items.length);
  if (from >= end) return items;
  part(items, from, compare);
  if (end < items.length) part(items, end, compare, from);
  const ordered = items.slice(from, end).sort(compare);
  for (let at = 0; at < ordered.length; at += 1) items[from + at] = ordered[at] as T;
  return items;
}

/**
 * Brings the first ones to the front, in order. How far down the list they can stand is told by a sample of it, so that few are put in order
 * however the list comes: newest last, e.g., where the newest are wanted.
 */
function chooseFirst<T>(items: T[], wanted: number, compare: Compare<T>): T[] {
  if (wanted === 0) return items;
  // As many in the sample as there will be, on average, before its last wanted one.
  const step = Math.floor(Math.sqrt(items.length / wanted));
  const sample = items.filter((_, at) => at % step === 0).sort(compare);
  const bound = sample[wanted - 1] as T;
  let found = 0;
  for (let at = 0; at < items.length; at += 1) {
    const item = items[at] as T;
    if (compare(item, bound) > 0) continue;
    items[at] = items[found] as T;
    items[found] = item;
    found += 1;
  }
  const leading = items.slice(0, found).sort(compare);
  for (let at = 0; at < found; at += 1) items[at] = leading[at] as T;
  return items;
}

/** Moves items until each before `place` comes before each from there on. */
function part<T>(items: T[], place: number, compare: Compare<T>, start = 0): void {
  let [low, high] = [start, items.length - 1];
  while (low < high) {
    const middle = items[(low + high) >> 1] as T;
    let [left, right] = [low, high];
    while (left <= right) {
      while (compare(items[left] as T, middle) < 0) left += 1;
      while (compare(items[right] as T, middle) > 0) right -= 1;
      if (left > right) break;
      [items[left], items[right]] = [items[right] as T, items[left] as T];
      left += 1;
      right -= 1;
    }
    if (place <= right) high = right;
    else if (place >= left) low = left;
    else return;
  }
}

import { afterPrefix, encodeKey, rankByte } from "../bson/key.ts";
import { rankOf } from "../bson/values.ts";
import type { Condition, Conditions } from "../query/conditions.ts";
import type { IndexSpec } from "./index-spec.ts";
import type { KeyRange } from "./key-table.ts";

/** More single values than this are not looked up one by one. */
const RANGES_MAX = 5_000;

/** The part of an index that may hold the matches of a filter. */
export interface IndexBounds {
  readonly ranges: readonly KeyRange[];
  /** How many leading fields have exactly one value. */
  readonly fixedFields: number;
  /** How many leading fields bound the ranges at all. */
  readonly boundFields: number;
}

/** Bounds of an index for these conditions; one unbounded range when they say nothing about its first field. */
export function boundsOf(spec: IndexSpec, multikey: boolean, conditions: Conditions): IndexBounds {
  let prefixes: Buffer[] = [Buffer.alloc(0)];
  let fixedFields = 0;
  let boundFields = 0;
  const usedRoots = new Set<string>();
  for (const [at, field] of Object.keys(spec.key).entries()) {
    const condition = conditions.get(field);
    const root = field.split(".")[0] ?? field;
    // Two fields of one array may be met by different items, whose values never stand in one key.
    if (!condition || (multikey && usedRoots.has(root))) break;
    usedRoots.add(root);
    const direction = spec.directions[at] ?? 1;
    if (!condition.equals) {
      const ranges = prefixes.map((prefix) => rangeAfter(prefix, condition, direction, multikey));
      return { ranges, fixedFields, boundFields: boundFields + 1 };
    }
    if (prefixes.length * condition.equals.length > RANGES_MAX) break;
    const values = distinctKeys(condition.equals, direction);
    prefixes = prefixes.flatMap((prefix) => values.map((value) => Buffer.concat([prefix, value])));
    boundFields += 1;
    if (values.length === 1 && fixedFields === at) fixedFields += 1;
  }
  if (boundFields === 0) return { ranges: [{ low: null, high: null }], fixedFields: 0, boundFields: 0 };
  return { ranges: prefixes.map((low) => ({ low, high: afterPrefix(low) })), fixedFields, boundFields };
}

/** Keys of the values, each once and in the order of the index. */
function distinctKeys(values: readonly unknown[], direction: 1 | -1): Buffer[] {
  const keys = new Map(
    values.map((value) => encodeKey([value], [direction])).map((key) => [key.toString("latin1"), key]),
  );
  return [...keys.values()].sort(Buffer.compare);
}

function rangeAfter(prefix: Buffer, condition: Condition, direction: 1 | -1, multikey: boolean): KeyRange {
  const { above } = condition;
  // Of an array, one item may meet the lower bound and another the upper, so only one of them may bound the keys.
  const below = multikey && above ? undefined : condition.below;
  const sample = above?.value ?? below?.value;
  const type = rankByte(rankOf(sample));
  const typePrefix = Buffer.concat([prefix, Buffer.from([direction === 1 ? type : 0xff ^ type])]);
  const edge = (value: unknown, after: boolean) => {
    const key = Buffer.concat([prefix, encodeKey([value], [direction])]);
    return after ? afterPrefix(key) : key;
  };
  const [first, last] = direction === 1 ? [above, below] : [below, above];
  return {
    low: first ? edge(first.value, !first.inclusive) : typePrefix,
    high: last ? edge(last.value, last.inclusive) : afterPrefix(typePrefix),
  };
}

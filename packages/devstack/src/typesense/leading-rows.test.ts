import { expect, test } from "bun:test";
import fc from "fast-check";
import { LeadingRows, type Listed } from "./leading-rows.ts";

const ROWS = 40;
const ROWS_MAX = 8;

/** What a row holds: whether the filter admits it, and by what it is sorted. */
interface Held {
  readonly isAdmitted: boolean;
  readonly key: number;
}

const held = fc.option(fc.record({ isAdmitted: fc.boolean(), key: fc.nat({ max: 20 }) }), { nil: undefined });
const change = fc.record({ row: fc.nat({ max: ROWS - 1 }), held });
const step = fc.record({ changes: fc.array(change, { maxLength: 6 }), wanted: fc.integer({ min: 1, max: ROWS_MAX }) });

function listOf(rows: readonly (Held | undefined)[]): Listed & { readonly sorted: readonly number[] } {
  const admits = (row: number) => rows[row]?.isAdmitted === true;
  const compare = (one: number, other: number) => (rows[one]?.key ?? 0) - (rows[other]?.key ?? 0) || one - other;
  const all = () => Array.from({ length: ROWS }, (_, row) => row).filter(admits);
  return { key: "all", admits, compare, rows: all, count: all().length, sorted: all().sort(compare) };
}

test("the first rows are those of a list that is sorted whole, whatever was written and taken out since it was asked for", () => {
  fc.assert(
    fc.property(fc.array(held, { maxLength: ROWS }), fc.array(step, { maxLength: 20 }), (start, steps) => {
      const rows = [...start];
      const leading = new LeadingRows(ROWS_MAX);
      for (const { changes, wanted } of steps) {
        for (const { row, held: next } of changes) {
          rows[row] = next;
          leading.touch(row);
        }
        const { sorted, ...list } = listOf(rows);
        const first = leading.first(wanted, list);
        expect(first).toEqual(sorted.slice(0, first.length));
        expect(first.length).toBeGreaterThanOrEqual(Math.min(wanted, sorted.length));
      }
    }),
    { numRuns: 500 },
  );
});

test("a list that was asked for before is not looked through again for what changed at its end, or for a few that have gone", () => {
  const rows: (Held | undefined)[] = Array.from({ length: ROWS }, (_, key) => ({ isAdmitted: true, key }));
  const leading = new LeadingRows(ROWS_MAX);
  let looked = 0;
  const ask = () => {
    const list = listOf(rows);
    const all = () => {
      looked += 1;
      return list.rows();
    };
    return leading.first(4, { ...list, rows: all });
  };
  ask();
  for (const row of [30, 2, 0]) {
    rows[row] = row === 30 ? { isAdmitted: true, key: 35 } : undefined;
    leading.touch(row);
    ask();
  }
  expect(looked).toBe(1);
  expect(ask().slice(0, 4)).toEqual([1, 3, 4, 5]);
});

test("after more changes than are worth following a list is looked for anew", () => {
  const leading = new LeadingRows(ROWS_MAX);
  let rows: (Held | undefined)[] = [];
  leading.first(4, listOf(rows));
  rows = Array.from({ length: ROWS }, (_, key) => ({ isAdmitted: true, key: -key }));
  for (let row = 0; row < 2_000; row += 1) leading.touch(row);
  expect(leading.first(4, listOf(rows)).slice(0, 4)).toEqual([39, 38, 37, 36]);
});

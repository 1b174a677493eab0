import { expect, test } from "bun:test";
import { z } from "zod";
import { instantSchema } from "./clock.ts";
import { cursorKeys, cutPage, encodeCursor } from "./pagination.ts";

const rows = [1, 2, 3].map((n) => ({ n }));
const keysOf = ({ n }: { readonly n: number }) => [n];

test("a list read page by page shows every row once, and ends", () => {
  const all = Array.from({ length: 23 }, (_, n) => ({ n }));
  const pageAfter = (cursor: string | null) => {
    const [after] = cursor === null ? [-1] : cursorKeys(cursor, z.tuple([z.int()]));
    return cutPage(all.filter(({ n }) => n > after).slice(0, 6), 5, keysOf);
  };
  const pages = [pageAfter(null)];
  for (let cursor = pages[0]?.nextCursor ?? null; cursor !== null && pages.length < 9; ) {
    const page = pageAfter(cursor);
    pages.push(page);
    cursor = page.nextCursor;
  }
  expect(pages.map(({ shown }) => shown.length)).toEqual([5, 5, 5, 5, 3]);
  expect(pages.flatMap(({ shown }) => shown)).toEqual(all);
});

test("a page that is just full is the last one when nothing was read behind it", () => {
  expect(cutPage(rows, 3, keysOf)).toEqual({ shown: rows, nextCursor: null });
  expect(cutPage(rows, 2, keysOf)).toEqual({ shown: rows.slice(0, 2), nextCursor: encodeCursor([2]) });
  expect(cutPage([], 2, keysOf)).toEqual({ shown: [], nextCursor: null });
});

test("a cursor of another list, or none at all, is refused by its name", () => {
  const keys = z.tuple([instantSchema, z.string()]);
  const strange = [
    "nonsense",
    encodeCursor([]),
    encodeCursor([1]),
    encodeCursor(["a", 1]),
    encodeCursor([1, "a", "b"]),
    // No date is as late as that, and Postgres would be asked for it.
    encodeCursor([9e15, "a"]),
    encodeCursor([1e300, "a"]),
    encodeCursor([-1, "a"]),
  ];
  for (const cursor of strange) {
    expect(() => cursorKeys(cursor, keys)).toThrow(
      expect.objectContaining({
        code: "validation_failed",
        members: { errors: [expect.objectContaining({ path: "cursor" })] },
      }),
    );
  }
  expect(cursorKeys(encodeCursor([1, "a"]), keys)).toEqual([1 as never, "a"]);
});

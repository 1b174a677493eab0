import { z } from "zod";
import { problem } from "./problems.ts";

export const PAGE_SIZE_DEFAULT = 20;
export const PAGE_SIZE_MAX = 100;
const CURSOR_LENGTH_MAX = 512;

/** `?limit=` (1–100, default 20) and `?cursor=` (opaque), as text from a query string. */
export const pageQuerySchema = z.object({
  limit: z.coerce.number().int().min(1).max(PAGE_SIZE_MAX).default(PAGE_SIZE_DEFAULT),
  cursor: z.string().min(1).max(CURSOR_LENGTH_MAX).optional(),
});

/** One page of a list: `nextCursor` is null on the last one, `total` counts all matches. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly nextCursor: string | null;
  readonly total: number;
}

export function pageSchema<T extends z.ZodType>(item: T) {
  return z.object({ items: z.array(item), nextCursor: z.string().nullable(), total: z.int().min(0) });
}

/** Cursors are opaque to clients: base64url of a JSON array of sort keys. */
export function encodeCursor(keys: readonly (string | number)[]): string {
  return Buffer.from(JSON.stringify(keys)).toString("base64url");
}

/**
 * The page out of the rows that were read for it, one more than it holds: whether that one is there says whether the list goes on.
 * @param keysOf the sort keys of the last row shown, behind which the next page begins.
 */
export function cutPage<R>(
  rows: readonly R[],
  limit: number,
  keysOf: (last: R) => readonly (string | number)[],
): { readonly shown: readonly R[]; readonly nextCursor: string | null } {
  const shown = rows.slice(0, limit);
  const last = rows.length > limit ? shown.at(-1) : undefined;
  return { shown, nextCursor: last === undefined ? null : encodeCursor(keysOf(last)) };
}

/** The sort keys in a cursor of a list whose keys are such. @throws problem `validation_failed` for a cursor that is none of its own. */
export function cursorKeys<K>(cursor: string, schema: z.ZodType<K>): K {
  const keys = schema.safeParse(decodeCursor(cursor));
  if (keys.success) return keys.data;
  throw problem("validation_failed", { errors: [{ path: "cursor", message: "not a cursor of this list" }] });
}

/** The sort keys in a cursor, or null when it is not one of ours. */
export function decodeCursor(cursor: string): readonly (string | number)[] | null {
  try {
    const keys: unknown = JSON.parse(Buffer.from(cursor, "base64url").toString());
    return z
      .array(z.union([z.string(), z.number()]))
      .max(8)
      .parse(keys);
  } catch {
    return null;
  }
}

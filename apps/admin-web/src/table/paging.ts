import { z } from "zod";

const CURSOR_LENGTH_MAX = 512;
export const ROWS_PER_PAGE = 50;

/** The part of every list's address that says which page is shown. What makes no sense is left out. */
export const pagingShape = {
  cursor: z.string().min(1).max(CURSOR_LENGTH_MAX).optional().catch(undefined),
  /** For people only: where the cursor stands. */
  page: z.int().min(2).max(1_000_000).optional().catch(undefined),
};

/** Search text in an address. A number that somebody typed by hand is text as well. */
export const searchText = z.coerce.string().trim().min(1).max(100).optional().catch(undefined);

export interface Paging {
  readonly cursor?: string | undefined;
  readonly page?: number | undefined;
}

export const FIRST_PAGE: Paging = { cursor: undefined, page: undefined };

/** "51–100 of 230". */
export function pageRange(page: number, shown: number, total: number, format: (value: number) => string): string {
  if (total === 0 || shown === 0) return "0";
  const first = (page - 1) * ROWS_PER_PAGE + 1;
  return `${format(first)}–${format(Math.min(first + shown - 1, Math.max(total, first)))} of ${format(total)}`;
}

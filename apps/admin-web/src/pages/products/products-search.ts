import { z } from "zod";
import { pagingShape, ROWS_PER_PAGE, searchText } from "../../table/paging.ts";
import type { Outputs } from "../../trpc.ts";

export type ProductRow = Outputs["catalog"]["products"]["list"]["items"][number];
export type ProductStatus = ProductRow["status"];

export const statusTabs = [
  ["all", "All"],
  ["published", "Published"],
  ["draft", "Drafts"],
  ["archived", "Archived"],
] as const satisfies readonly (readonly ["all" | ProductStatus, string])[];

export const productSorts = [
  ["-updated", "Last changed first"],
  ["updated", "Longest unchanged first"],
  ["title", "Title A–Z"],
  ["-title", "Title Z–A"],
] as const;

/** What the address of the list says. */
export const productsSearchSchema = z.object({
  q: searchText,
  status: z.enum(["published", "draft", "archived"]).optional().catch(undefined),
  sort: z.enum(["updated", "title", "-title"]).optional().catch(undefined),
  ...pagingShape,
});
export type ProductsSearch = z.infer<typeof productsSearchSchema>;

/** What core is asked for an address. */
export function productsInput({ q, status, sort, cursor }: ProductsSearch) {
  return {
    limit: ROWS_PER_PAGE,
    sort: sort ?? ("-updated" as const),
    ...(q === undefined ? {} : { search: q }),
    ...(status === undefined ? {} : { statuses: [status] }),
    ...(cursor === undefined ? {} : { cursor }),
  };
}

import { useQueries } from "@tanstack/react-query";
import { type Outputs, useTRPC } from "../../trpc.ts";

export type StockRow = Outputs["inventory"]["list"]["items"][number];

/** As many as core answers at once. */
const ASKED_MAX = 100;

/**
 * The stock of SKUs, asked for a hundred at a time: null for one that has none on record, "unknown" where core did not say, no entry
 * while it is being asked for.
 */
export function useStockOf(skus: readonly string[]): ReadonlyMap<string, StockRow | null | "unknown"> {
  const trpc = useTRPC();
  const pages = Array.from({ length: Math.ceil(skus.length / ASKED_MAX) }, (_, index) =>
    skus.slice(index * ASKED_MAX, (index + 1) * ASKED_MAX),
  );
  const results = useQueries({
    queries: pages.map((page) => trpc.inventory.list.queryOptions({ skus: page, limit: ASKED_MAX })),
  });
  const found = new Map<string, StockRow | null | "unknown">();
  for (const [index, page] of pages.entries()) {
    const { data, error } = results[index] ?? {};
    if (!data && !error) continue;
    const rows = new Map(data?.items.map((row) => [row.sku, row]));
    for (const sku of page) found.set(sku, data ? (rows.get(sku) ?? null) : "unknown");
  }
  return found;
}

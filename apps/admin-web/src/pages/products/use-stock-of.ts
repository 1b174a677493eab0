import { useQueries } from "@tanstack/react-query";
import { type Outputs, useTRPC } from "../../trpc.ts";

export type StockRow = Outputs["inventory"]["list"]["items"][number];

/** The list finds SKUs by their beginning; the SKU itself is the first among those that begin with it. */
const NEAR_MAX = 5;

/** The stock of a few SKUs; null for one that has none on record, no entry while it is being asked for. */
export function useStockOf(skus: readonly string[]): ReadonlyMap<string, StockRow | null> {
  const trpc = useTRPC();
  const results = useQueries({
    queries: skus.map((sku) => ({
      ...trpc.inventory.list.queryOptions({ search: sku, limit: NEAR_MAX }),
    })),
  });
  const found = new Map<string, StockRow | null>();
  skus.forEach((sku, index) => {
    const result = results[index];
    if (result?.data) found.set(sku, result.data.items.find((row) => row.sku === sku) ?? null);
    else if (result?.error) found.set(sku, null);
  });
  return found;
}

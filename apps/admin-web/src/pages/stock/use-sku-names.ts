import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useMe } from "../../shell/me.tsx";
import { type Outputs, useTRPC } from "../../trpc.ts";

export type SkuName = Outputs["catalog"]["products"]["ofSkus"]["items"][number];

/** What SKUs are, by SKU; undefined while it is asked for, empty for who may not see products. */
export type SkuNames = ReadonlyMap<string, SkuName> | undefined;

const NAMELESS: SkuNames = new Map();

/** Asks for all names of a page at once. Stock is read and counted without them as well, so a failure is no matter. */
export function useSkuNames(skus: readonly string[]): SkuNames {
  const trpc = useTRPC();
  const seesProducts = useMe().rights.includes("catalog:read");
  const { data, isError } = useQuery({
    ...trpc.catalog.products.ofSkus.queryOptions({ skus: [...skus] }),
    enabled: seesProducts && skus.length > 0,
    placeholderData: keepPreviousData,
  });
  if (!seesProducts || isError) return NAMELESS;
  return data && new Map(data.items.map((item) => [item.sku, item]));
}

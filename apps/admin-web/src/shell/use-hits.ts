import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { useTRPC } from "../trpc.ts";
import type { Hits } from "./palette-entries.ts";
import type { Screen } from "./screens.ts";

const SHOWN = 3;
/** Newer orders whose numbers begin with a whole number stand before the order that has it. */
const ASKED_BY_NUMBER = 20;
const PAUSE_MS = 150;

export interface Found {
  readonly hits: Hits;
  /** Whether these hits are for other words, because core has not answered yet. */
  readonly isPending: boolean;
  readonly hasFailed: boolean;
}

/** The first orders and products that fit the words. Those before stay until new ones are there. */
export function useHits(words: string, screens: readonly Screen[]): Found {
  const trpc = useTRPC();
  const settled = useSettled(words);
  const asks = (right: Screen["right"]) => settled !== "" && screens.some((screen) => screen.right === right);
  const orders = useQuery({
    ...trpc.orders.staff.list.queryOptions({ search: settled, limit: /^\d+$/.test(settled) ? ASKED_BY_NUMBER : SHOWN }),
    enabled: asks("orders:read"),
    placeholderData: keepPreviousData,
  });
  const products = useQuery({
    ...trpc.catalog.products.list.queryOptions({ search: settled, limit: SHOWN }),
    enabled: asks("catalog:read"),
    placeholderData: keepPreviousData,
  });
  const isAsking = [orders, products].some((query) => query.isLoading || query.isPlaceholderData);
  return {
    hits: { orders: orders.data?.items ?? [], products: products.data?.items ?? [] },
    isPending: words !== "" && (words !== settled || isAsking),
    hasFailed: words !== "" && (orders.isError || products.isError),
  };
}

/** What was typed once the typing pauses. */
function useSettled(text: string): string {
  const [settled, setSettled] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return settled;
}

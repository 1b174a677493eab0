import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { type Outputs, useTRPC, useTRPCClient } from "../../trpc.ts";
import { newOrders, withChangedRows } from "./fresh-orders.ts";
import { type Connection, useOrderChanges } from "./order-changes.ts";
import { type OrdersSearch, ordersInput } from "./orders-search.ts";

type ListPage = Outputs["orders"]["staff"]["list"];

/** As many as core answers at once; more that change within half a second are seen with the next page. */
const ASKED_MAX = 100;

export interface LiveOrders {
  /** Orders that came since the list was loaded and that it does not show. */
  readonly fresh: number;
  readonly connection: Connection;
  /** Shows the list as it is now. */
  readonly showFresh: () => void;
}

interface Fresh {
  readonly filter: string;
  readonly ids: ReadonlySet<string>;
}

/** Keeps the shown rows fresh in their places and counts the orders that came since. */
export function useLiveOrders(search: OrdersSearch, page: ListPage | undefined): LiveOrders {
  const trpc = useTRPC();
  const client = useTRPCClient();
  const queries = useQueryClient();
  const filter = JSON.stringify([search.q, search.state]);
  const [openedAt, setOpenedAt] = useState(() => Date.now());
  const [fresh, setFresh] = useState<Fresh>({ filter, ids: new Set() });
  const key = trpc.orders.staff.list.queryKey(ordersInput(search));
  const reload = () => queries.invalidateQueries({ queryKey: trpc.orders.staff.list.queryKey() });
  const connection = useOrderChanges({
    onChanged: async (orderIds) => {
      const { items } = await client.orders.staff.some.query({ ids: orderIds.slice(0, ASKED_MAX) });
      queries.setQueryData(key, (old) => old && withChangedRows(old, items));
      const shown = queries.getQueryData(key);
      if (!shown) return;
      const found = newOrders(shown, items, { search, since: sinceOf(search, shown, openedAt) });
      if (found.length === 0) return;
      setFresh((old) => ({ filter, ids: new Set([...(old.filter === filter ? old.ids : []), ...found]) }));
    },
    onResumed: reload,
  });
  const shownIds = new Set<string>(page?.items.map((order) => order.id));
  const unseen = fresh.filter === filter ? [...fresh.ids].filter((id) => !shownIds.has(id)) : [];
  const showFresh = () => {
    setOpenedAt(Date.now());
    setFresh({ filter, ids: new Set() });
    void reload();
  };
  return { fresh: unseen.length, connection, showFresh };
}

/** On the first page, new is what is newer than its newest row: the server's clock alone decides. */
function sinceOf(search: OrdersSearch, page: ListPage, openedAt: number): number {
  if (search.cursor !== undefined) return openedAt;
  return Math.max(0, ...page.items.map((order) => Date.parse(order.placedAt)));
}

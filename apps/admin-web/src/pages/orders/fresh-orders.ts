import type { OrderRow, OrdersSearch } from "./orders-search.ts";

export interface OrderListPage {
  readonly items: readonly OrderRow[];
  readonly nextCursor: string | null;
  readonly total: number;
}

/** The page with the rows that have changed, each in its place, so that nothing jumps under the reader's hand. */
export function withChangedRows<P extends OrderListPage>(page: P, changed: readonly OrderRow[]): P {
  const byId = new Map(changed.map((order) => [order.id, order]));
  if (!page.items.some((order) => byId.has(order.id))) return page;
  return { ...page, items: page.items.map((order) => byId.get(order.id) ?? order) };
}

/** Ids of changed orders that stand nowhere on the page, were placed since it was loaded, and fit what is filtered for. */
export function newOrders(
  page: OrderListPage,
  changed: readonly OrderRow[],
  { search, since }: { readonly search: OrdersSearch; readonly since: number },
): string[] {
  const known = new Set(page.items.map((order) => order.id));
  return changed
    .filter((order) => !known.has(order.id) && Date.parse(order.placedAt) > since && fits(order, search))
    .map((order) => order.id);
}

function fits(order: OrderRow, { q, state }: OrdersSearch): boolean {
  if (state !== undefined && order.state !== state) return false;
  if (q === undefined) return true;
  const text = q.toLowerCase();
  const starts = [order.number, order.email].some((value) => value.toLowerCase().startsWith(text));
  return starts || order.items.some((item) => item.sku === q);
}

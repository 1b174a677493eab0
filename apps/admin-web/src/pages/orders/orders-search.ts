import { z } from "zod";
import { pagingShape, ROWS_PER_PAGE, searchText } from "../../table/paging.ts";
import type { Outputs } from "../../trpc.ts";

export type OrderRow = Outputs["orders"]["staff"]["list"]["items"][number];
export type OrderState = OrderRow["state"];

const states = [
  "pending",
  "confirmed",
  "on_hold",
  "completed",
  "cancelled",
  "refused",
] as const satisfies readonly OrderState[];

/** The tabs over the list, each a state. */
export const orderTabs = [
  ["all", "All"],
  ["pending", "Pending"],
  ["confirmed", "Confirmed"],
  ["on_hold", "On hold"],
  ["completed", "Completed"],
  ["cancelled", "Cancelled"],
  ["refused", "Refused"],
] as const satisfies readonly (readonly ["all" | OrderState, string])[];

/** What the address of the list says. */
export const ordersSearchSchema = z.object({
  q: searchText,
  state: z.enum(states).optional().catch(undefined),
  ...pagingShape,
});
export type OrdersSearch = z.infer<typeof ordersSearchSchema>;

/** What core is asked for an address. */
export function ordersInput({ q, state, cursor }: OrdersSearch) {
  return {
    limit: ROWS_PER_PAGE,
    ...(q === undefined ? {} : { search: q }),
    ...(state === undefined ? {} : { states: [state] }),
    ...(cursor === undefined ? {} : { cursor }),
  };
}

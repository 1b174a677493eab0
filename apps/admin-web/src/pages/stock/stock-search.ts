import { z } from "zod";
import { pagingShape, ROWS_PER_PAGE, searchText } from "../../table/paging.ts";
import type { Outputs } from "../../trpc.ts";

export type StockRow = Outputs["inventory"]["list"]["items"][number];
export type StockLevel = StockRow["levels"][number];
export type Location = Outputs["inventory"]["locations"]["items"][number];

/** What the address of the list says. `sku` opens its drawer. */
export const stockSearchSchema = z.object({
  q: searchText,
  location: z
    .string()
    .regex(/^loc_\w{1,40}$/)
    .optional()
    .catch(undefined),
  low: z.literal(true).optional().catch(undefined),
  sku: searchText,
  ...pagingShape,
});
export type StockSearch = z.infer<typeof stockSearchSchema>;

/** What core is asked for an address; the drawer's SKU is no part of it. */
export function stockInput({ q, location, low, cursor }: StockSearch, lowStockThreshold: number) {
  return {
    limit: ROWS_PER_PAGE,
    ...(q === undefined ? {} : { search: q }),
    ...(location === undefined ? {} : { locationId: location }),
    ...(low === undefined ? {} : { availableMax: lowStockThreshold }),
    ...(cursor === undefined ? {} : { cursor }),
  };
}

export interface StockFigures {
  readonly onHand: number;
  readonly reserved: number;
  readonly allocated: number;
  readonly available: number;
}

/** What availability is counted from. */
export type LevelCounters = Pick<StockLevel, "onHand" | "reserved" | "allocated" | "buffer">;

/** Units that can be sold from one place. */
export function availableAt({ onHand, reserved, allocated, buffer }: LevelCounters): number {
  return Math.max(0, onHand - reserved - allocated - buffer);
}

/** A SKU's figures over all places, or in the one that the list is filtered by. */
export function figuresOf(row: StockRow, locationId: string | undefined): StockFigures {
  if (locationId === undefined) return row;
  const level = row.levels.find((candidate) => candidate.locationId === locationId);
  if (!level) return { onHand: 0, reserved: 0, allocated: 0, available: 0 };
  return { ...level, available: availableAt(level) };
}

/** What staff call the locations, by their ids. */
export type LocationNames = ReadonlyMap<string, string>;

export function namesOf(locations: readonly Location[]): LocationNames {
  return new Map(locations.map(({ id, name }) => [id, name]));
}

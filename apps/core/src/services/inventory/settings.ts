import { z } from "zod";
import { defineSetting } from "../../platform/settings/index.ts";

/** From which of its locations a SKU is taken first. */
export const allocationStrategies = ["priority", "most_stock"] as const;

export const inventorySetting = defineSetting(
  "inventory",
  z.object({
    /** `priority`: the location with the lowest number; `most_stock`: the one with the most free units, to even them out. */
    allocation: z.enum(allocationStrategies),
    /** Whether the regular check sets a level that is not the sum of its movements right, or only reports it. */
    repairLevels: z.boolean(),
  }),
  { allocation: "priority", repairLevels: true },
);

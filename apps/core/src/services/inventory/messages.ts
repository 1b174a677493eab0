import { z } from "zod";
import { defineMessage } from "../../platform/outbox/index.ts";

/** What can be bought of a SKU has changed. `version` grows with each message of one SKU. */
export const stockChanged = defineMessage(
  "projection",
  "stock.changed",
  z.object({
    sku: z.string(),
    available: z.int(),
    allowBackorder: z.boolean(),
    tracked: z.boolean(),
    version: z.int(),
  }),
);
export type StockChanged = z.infer<typeof stockChanged.schema>;

import { z } from "zod";
import { defineSetting } from "../../platform/settings/index.ts";

/** What the shop takes back. */
export const returnsSetting = defineSetting(
  "returns",
  z.strictObject({
    /** How long a shopper may ask, from the day a parcel was delivered, or sent where nobody told of its delivery. */
    windowDays: z.int().min(0).max(3_650),
    /** Whether the units' share of what shipping cost goes back too. */
    refundsShipping: z.boolean(),
  }),
  { windowDays: 30, refundsShipping: true },
);

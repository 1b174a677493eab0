import { z } from "zod";
import { defineSetting } from "../../platform/settings/index.ts";
import { providerNames } from "./payment.ts";

export const paymentsSetting = defineSetting(
  "payments",
  z.strictObject({
    /** Which providers the shop offers, among those it has credentials for. */
    providers: z.array(z.enum(providerNames)).max(10),
    /**
     * When part of a hold is captured that can be captured only once (Stripe without multicapture): `take_whole` takes all of it
     * with the first part, so that nothing is lost; `release_rest` takes the part, and the rest has to be asked for anew.
     */
    holdsCapturedOnce: z.enum(["take_whole", "release_rest"]).default("take_whole"),
    /** What is done with money that is still held three hours before the hold ends. */
    beforeHoldEnds: z.enum(["capture", "release", "leave"]).default("capture"),
    /**
     * What stands in a provider's books, bears the mark of a Stoa, and belongs to no payment of ours: true lets it go by itself. Right
     * only where no other Stoa uses the account and the database was never set back: else it would give other orders' money back.
     */
    releasesUnknown: z.boolean().default(false),
  }),
  {
    providers: [...providerNames],
    holdsCapturedOnce: "take_whole",
    beforeHoldEnds: "capture",
    releasesUnknown: false,
  },
);

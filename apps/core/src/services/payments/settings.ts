import { z } from "zod";
import { defineSetting } from "../../platform/settings/index.ts";
import { providerNames } from "./payment.ts";

/** Which providers the shop offers, among those it has credentials for. */
export const paymentsSetting = defineSetting(
  "payments",
  z.object({ providers: z.array(z.enum(providerNames)).max(10) }),
  {
    providers: [...providerNames],
  },
);

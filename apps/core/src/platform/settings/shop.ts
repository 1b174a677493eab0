import { currencySchema } from "@stoa/kernel";
import { z } from "zod";
import { defineSetting } from "./settings.ts";

/** What the shop is called and sells in. */
export const shopSetting = defineSetting(
  "shop",
  z.object({
    name: z.string().min(1).max(100),
    defaultCurrency: currencySchema,
    currencies: z.array(currencySchema).min(1).max(50),
    locale: z.string().min(2).max(20),
    lowStockThreshold: z.int().min(0).max(1_000_000),
  }),
  { name: "Stoa shop", defaultCurrency: "USD", currencies: ["USD", "EUR"], locale: "en-US", lowStockThreshold: 5 },
);

/** How checkout behaves. */
export const checkoutSetting = defineSetting(
  "checkout",
  z.strictObject({
    /** Take the money when the order is confirmed, or when it ships. */
    capture: z.enum(["at_confirmation", "at_shipment"]),
    reservationTtlSeconds: z.int().min(60).max(86_400),
    paymentDeadlineSeconds: z.int().min(60).max(86_400),
    pricesIncludeTax: z.boolean(),
  }),
  { capture: "at_confirmation", reservationTtlSeconds: 900, paymentDeadlineSeconds: 1_800, pricesIncludeTax: false },
);

import { z } from "zod";
import type { Database } from "../platform/db/index.ts";
import { router } from "../platform/rpc/index.ts";
import { checkoutSetting, localeSchema, settingRouter, shopSetting } from "../platform/settings/index.ts";
import { returnsSetting } from "../services/orders/index.ts";
import { paymentsSetting } from "../services/payments/index.ts";

export interface SettingsDeps {
  readonly db: Database;
}

/** How the shop sells, takes money and takes goods back. Several services go by it, so it stands here. Orders keep what they got. */
export function createSettingsRouter({ db }: SettingsDeps) {
  return router({
    shop: settingRouter(db, shopSetting, { asked: shopInput }),
    checkout: settingRouter(db, checkoutSetting),
    payments: settingRouter(db, paymentsSetting),
    returns: settingRouter(db, returnsSetting),
  });
}

/** What the shop is called, speaks and sells in. Carts and orders keep their currency; products have the prices they have. */
const shopInput = z
  .strictObject({ ...shopSetting.schema.shape, locale: localeSchema })
  .refine(({ currencies }) => new Set(currencies).size === currencies.length, {
    path: ["currencies"],
    message: "names a currency twice",
  })
  .refine(({ currencies, defaultCurrency }) => currencies.includes(defaultCurrency), {
    path: ["defaultCurrency"],
    message: "is none of the shop's currencies",
  });

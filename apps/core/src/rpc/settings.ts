import { z } from "zod";
import { recordAudit } from "../platform/audit/index.ts";
import { type Database, transact } from "../platform/db/index.ts";
import { router, staffProcedure } from "../platform/rpc/index.ts";
import {
  checkoutSetting,
  holdSetting,
  localeSchema,
  readSettingFresh,
  type SettingDefinition,
  shopSetting,
  writeSetting,
} from "../platform/settings/index.ts";
import { returnsSetting } from "../services/orders/index.ts";
import { paymentsSetting } from "../services/payments/index.ts";

export interface SettingsDeps {
  readonly db: Database;
}

/** How the shop sells, takes money and takes goods back. Several services go by it, so it stands here. Orders keep what they got. */
export function createSettingsRouter({ db }: SettingsDeps) {
  return router({
    shop: settingRouter(db, shopSetting, shopInput),
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

function settingRouter<Value, Asked>(
  db: Database,
  definition: SettingDefinition<z.ZodType<Value, Asked>>,
  asked: z.ZodType<Value, Asked> = definition.schema,
) {
  const { name } = definition;
  return router({
    get: staffProcedure("settings:read").query(() => readSettingFresh(db, definition)),
    /** Says all of it again; members that have a value without anybody's word may be left out. */
    save: staffProcedure("settings:write")
      .input(asked)
      .mutation(({ ctx: { actor, requestId, clock }, input }) =>
        transact(db, async (tx) => {
          const [at, before] = [clock.now(), await holdSetting(tx, definition)];
          const after = definition.schema.parse(input);
          await writeSetting(tx, at, definition, after);
          const entry = { action: "settings.saved", entity: "setting", entityId: name };
          await recordAudit(tx, { at, actor, requestId, ...entry, before, after });
          return after;
        }),
      ),
  });
}

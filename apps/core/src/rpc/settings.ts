import type { z } from "zod";
import { recordAudit } from "../platform/audit/index.ts";
import { type Database, transact } from "../platform/db/index.ts";
import { router, staffProcedure } from "../platform/rpc/index.ts";
import {
  checkoutSetting,
  holdSetting,
  readSettingFresh,
  type SettingDefinition,
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
    checkout: settingRouter(db, checkoutSetting),
    payments: settingRouter(db, paymentsSetting),
    returns: settingRouter(db, returnsSetting),
  });
}

function settingRouter<S extends z.ZodObject>(db: Database, definition: SettingDefinition<S>) {
  const { name } = definition;
  return router({
    get: staffProcedure("settings:read").query(() => readSettingFresh(db, definition)),
    /** Says all of it again; members that have a value without anybody's word may be left out. */
    save: staffProcedure("settings:write")
      .input(definition.schema)
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

import type { z } from "zod";
import { recordAudit } from "../audit/index.ts";
import { type Database, transact } from "../db/index.ts";
import { type Right, router, staffProcedure } from "../rpc/index.ts";
import { holdSetting, readSettingFresh, type SettingDefinition, writeSetting } from "./settings.ts";

export interface SettingRouterOptions<Value, Asked> {
  /** What a request may say, where that is less than what may be stored. */
  readonly asked?: z.ZodType<Value, Asked>;
  readonly rights?: { readonly get: Right; readonly save: Right };
}

const RIGHTS = { get: "settings:read", save: "settings:write" } as const;

/** For the dashboard: a setting, read and written whole. Every setting that staff change has these two, and the same line in the audit log. */
export function settingRouter<Value, Asked>(
  db: Database,
  definition: SettingDefinition<z.ZodType<Value, Asked>>,
  { asked = definition.schema, rights = RIGHTS }: SettingRouterOptions<Value, Asked> = {},
) {
  const { name } = definition;
  return router({
    get: staffProcedure(rights.get).query(() => readSettingFresh(db, definition)),
    /** Says all of it again; members that have a value without anybody's word may be left out. */
    save: staffProcedure(rights.save)
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

import { type Clock, idSchema } from "@stoa/kernel";
import type { Health } from "@stoa/runtime";
import { z } from "zod";
import type { MailStanding } from "../notifications/index.ts";
import { recordAudit } from "../platform/audit/index.ts";
import { type Database, transact } from "../platform/db/index.ts";
import { openDeadLetters, readOutboxHealth, replayDeadLetter, replayDeadLetters } from "../platform/outbox/index.ts";
import { anyStaffProcedure, router, staffProcedure } from "../platform/rpc/index.ts";
import { recentSagas, retrySaga } from "../platform/saga/index.ts";
import { readSetting, shopSetting } from "../platform/settings/index.ts";
import type { ProviderHealth } from "../services/payments/index.ts";

export interface SystemDeps {
  readonly db: Database;
  readonly clock: Clock;
  readonly health: Health;
  readonly providers: () => Promise<ProviderHealth[]>;
  readonly mail: () => Promise<MailStanding>;
}

const LIST_MAX = 50;
/** What one transaction writes without keeping others waiting; whoever has more asks again. */
const REPLAYED_MAX = 200;

/** For the dashboard: how the shop itself is doing, and what staff can do about it. */
export function createSystemRouter(deps: SystemDeps) {
  return router({
    shop: anyStaffProcedure.query(() => readSetting(deps.db, shopSetting)),
    health: staffProcedure("system:read").query(async () => {
      const [dependencies, providers, mail, outbox, stuck] = await Promise.all([
        deps.health.check(),
        deps.providers(),
        deps.mail(),
        readOutboxHealth(deps.db, deps.clock.now()),
        recentSagas(deps.db, ["stuck"], LIST_MAX),
      ]);
      return { dependencies, providers, mail, outbox, stuck };
    }),
    deadLetters: staffProcedure("system:read").query(async () => ({ items: await openDeadLetters(deps.db, LIST_MAX) })),
    replay: staffProcedure("system:write")
      .input(z.strictObject({ id: idSchema("msg") }))
      .mutation(({ ctx, input: { id } }) =>
        transact(deps.db, async (tx) => {
          const at = ctx.clock.now();
          await replayDeadLetter(tx, at, id);
          const { actor, requestId } = ctx;
          await recordAudit(tx, { at, actor, requestId, action: "message.replayed", entity: "message", entityId: id });
        }),
      ),
    retrySaga: staffProcedure("system:write")
      .input(z.strictObject({ id: idSchema("saga") }))
      .mutation(({ ctx, input: { id } }) =>
        transact(deps.db, async (tx) => {
          const at = ctx.clock.now();
          await retrySaga(tx, at, id);
          const { actor, requestId } = ctx;
          await recordAudit(tx, { at, actor, requestId, action: "saga.retried", entity: "saga", entityId: id });
        }),
      ),
    /** Some at a time; `left` says how many a further call would find. */
    replayAll: staffProcedure("system:write").mutation(async ({ ctx }) => {
      const at = ctx.clock.now();
      const ids = await transact(deps.db, async (tx) => {
        const replayed = await replayDeadLetters(tx, at, REPLAYED_MAX);
        const { actor, requestId } = ctx;
        const entry = { action: "messages.replayed", entity: "message", entityId: "all", after: { ids: replayed } };
        if (replayed.length > 0) await recordAudit(tx, { at, actor, requestId, ...entry });
        return replayed;
      });
      const { deadLetters: left } = await readOutboxHealth(deps.db, at);
      return { replayed: ids.length, left };
    }),
  });
}

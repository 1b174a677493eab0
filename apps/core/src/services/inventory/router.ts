import { type Clock, type Instant, idSchema, pageQuerySchema } from "@stoa/kernel";
import { z } from "zod";
import { recordAudit } from "../../platform/audit/index.ts";
import { type Database, type Transaction, transact } from "../../platform/db/index.ts";
import { type RpcContext, router, type StaffActor, staffProcedure } from "../../platform/rpc/index.ts";
import { adjustStock, transferStock } from "./adjust-stock.ts";
import { listLocations, saveLocation } from "./locations.ts";
import { listMovements, listReservations, listStock } from "./queries.ts";
import { locationKinds, reservationStatuses, STOCK_UNITS_MAX } from "./stock.ts";
import { setAlertThreshold } from "./stock-alerts.ts";
import { repairStock, verifyStock } from "./verify-stock.ts";

export interface InventoryDeps {
  readonly db: Database;
  readonly clock: Clock;
}

const sku = z.string().trim().min(1).max(100);
const locationId = idSchema("loc");
const reason = z.string().trim().min(1).max(500);
const units = z.int().min(1).max(STOCK_UNITS_MAX);
const page = pageQuerySchema.shape;

const adjustment = z.strictObject({
  sku,
  locationId,
  delta: z
    .int()
    .min(-STOCK_UNITS_MAX)
    .max(STOCK_UNITS_MAX)
    .refine((delta) => delta !== 0, { message: "must not be 0" }),
  kind: z.enum(["receipt", "return", "adjustment"]).default("adjustment"),
  reason,
});
const transfer = z.strictObject({ sku, from: locationId, to: locationId, quantity: units, reason });
const locationInput = z.strictObject({
  id: locationId.optional(),
  code: z.string().regex(/^[a-z0-9-]{1,40}$/, "lower-case letters, digits and hyphens"),
  name: z.string().trim().min(1).max(100),
  kind: z.enum(locationKinds),
  priority: z.int().min(0).max(10_000),
});

/** For the dashboard: stock, adjustments with a reason, transfers, locations, movements, reservations. */
export function createInventoryRouter(deps: InventoryDeps) {
  const { db } = deps;
  const write = writing(deps);
  const canRead = staffProcedure("inventory:read");
  const canWrite = staffProcedure("inventory:write");
  return router({
    list: canRead
      .input(
        z.strictObject({
          ...page,
          search: z.string().max(100).optional(),
          locationId: locationId.optional(),
          availableMax: z.int().min(0).max(STOCK_UNITS_MAX).optional(),
        }),
      )
      .query(({ input }) => listStock(db, input)),
    movements: canRead
      .input(z.strictObject({ ...page, sku: sku.optional(), locationId: locationId.optional() }))
      .query(({ input }) => listMovements(db, input)),
    reservations: canRead
      .input(
        z.strictObject({
          ...page,
          sku: sku.optional(),
          status: z.enum(reservationStatuses).optional(),
          holder: z.string().max(100).optional(),
        }),
      )
      .query(({ input }) => listReservations(db, input)),
    locations: canRead.query(() => listLocations({ db })),
    adjust: canWrite.input(adjustment).mutation(({ ctx, input }) =>
      write(ctx, async ({ tx, now, cause }) => {
        const change = await adjustStock({ tx, now }, { ...input, cause, actor: ctx.actor });
        return { action: "stock.adjusted", entityId: input.sku, before: change.before, after: input, answer: change };
      }),
    ),
    transfer: canWrite.input(transfer).mutation(({ ctx, input }) =>
      write(ctx, async ({ tx, now, cause }) => {
        await transferStock({ tx, now }, { ...input, cause, actor: ctx.actor });
        return { action: "stock.transferred", entityId: input.sku, after: input, answer: null };
      }),
    ),
    setAlertThreshold: canWrite
      .input(z.strictObject({ sku, threshold: z.int().min(0).max(STOCK_UNITS_MAX).nullable() }))
      .mutation(({ ctx, input }) =>
        write(ctx, async ({ tx }) => {
          await setAlertThreshold({ tx }, input);
          return { action: "stock.alert_set", entityId: input.sku, after: input, answer: null };
        }),
      ),
    saveLocation: canWrite.input(locationInput).mutation(({ ctx, input }) =>
      write(ctx, async ({ tx, now }) => {
        const saved = await saveLocation({ tx, now }, input);
        return { action: "location.saved", entityId: saved.id, after: input, answer: saved };
      }),
    ),
    verify: canRead.query(() => verifyStock({ db })),
    repair: canWrite.input(z.strictObject({ skus: z.array(sku).min(1).max(1_000) })).mutation(({ ctx, input }) =>
      write(ctx, async ({ tx, now }) => {
        const answer = await repairStock({ tx, now }, input);
        return { action: "stock.repaired", entityId: input.skus.slice(0, 10).join(","), after: input, answer };
      }),
    ),
  });
}

interface Written<T> {
  readonly action: string;
  readonly entityId: string;
  readonly before?: unknown;
  readonly after: unknown;
  readonly answer: T;
}

interface WriteContext {
  readonly tx: Transaction;
  readonly now: Instant;
  /** Names the request, so that one that is sent again under the same key moves stock once. */
  readonly cause: string;
}

/** Runs a staff member's change and writes its link of the audit chain in the same transaction. */
function writing({ db, clock }: InventoryDeps) {
  return function write<T>(
    ctx: RpcContext & { readonly actor: StaffActor },
    work: (context: WriteContext) => Promise<Written<T>>,
  ): Promise<T> {
    const now = clock.now();
    const cause = `${ctx.actor.staffId}:${ctx.idempotencyKey ?? ctx.requestId}`;
    return transact(db, async (tx) => {
      const { answer, ...entry } = await work({ tx, now, cause });
      const entity = entry.action.startsWith("location") ? "location" : "stock";
      await recordAudit(tx, { ...entry, at: now, actor: ctx.actor, entity, requestId: ctx.requestId });
      return answer;
    });
  };
}

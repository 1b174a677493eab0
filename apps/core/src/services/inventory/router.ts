import { idSchema, PAGE_SIZE_MAX, pageQuerySchema, SKU_LENGTH_MAX, timestampSchema } from "@stoa/kernel";
import { z } from "zod";
import { fieldPatchSchema } from "../../platform/custom-fields/index.ts";
import { router, staffProcedure } from "../../platform/rpc/index.ts";
import { settingRouter } from "../../platform/settings/index.ts";
import { adjustStock, transferStock } from "./adjust-stock.ts";
import { listLocations, saveLocation } from "./locations.ts";
import { listMovements, listReservations, listStock } from "./queries.ts";
import { readPastStock } from "./read-past-stock.ts";
import { setBuffer } from "./set-buffer.ts";
import { setStockLevels } from "./set-stock-levels.ts";
import { inventorySetting } from "./settings.ts";
import { type InventoryRouterDeps, refuseKits, writing } from "./staff-write.ts";
import { locationKinds, reservationStatuses, STOCK_LINES_MAX, STOCK_UNITS_MAX } from "./stock.ts";
import { alertView, listStockAlerts, setAlertThreshold } from "./stock-alerts.ts";
import { createTransfersRouter } from "./transfers-router.ts";
import { repairStock, verifyPromises, verifyStock } from "./verify-stock.ts";

/** Lines of a feed in one call; a longer one comes in several, or by the command line. */
const FEED_LINES_MAX = 5_000;

const sku = z.string().trim().min(1).max(SKU_LENGTH_MAX);
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
const transfer = z.strictObject({ sku, fromLocationId: locationId, toLocationId: locationId, quantity: units, reason });
const locationInput = z.strictObject({
  id: locationId.optional(),
  code: z.string().regex(/^[a-z0-9-]{1,40}$/, "lower-case letters, digits and hyphens"),
  name: z.string().trim().min(1).max(100),
  kind: z.enum(locationKinds),
  priority: z.int().min(0).max(10_000),
  customFields: fieldPatchSchema.optional(),
});

const feedLine = z.strictObject({
  sku,
  locationCode: z.string().min(1).max(40).optional(),
  onHand: z.int().min(0).max(STOCK_UNITS_MAX),
});

/** For the dashboard: stock, adjustments with a reason, feeds, transfers, locations, movements, reservations, alerts. */
export function createInventoryRouter(deps: InventoryRouterDeps) {
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
          skus: z.array(sku).min(1).max(PAGE_SIZE_MAX).optional(),
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
          states: z.array(z.enum(reservationStatuses)).max(reservationStatuses.length).optional(),
          holder: z.string().max(100).optional(),
        }),
      )
      .query(({ input }) => listReservations(db, input)),
    alerts: canRead.input(z.strictObject({ ...page, isOpen: z.boolean().optional() })).query(async ({ input }) => {
      const page = await listStockAlerts(db, input);
      return { ...page, items: page.items.map(alertView) };
    }),
    /** Levels as they were at a past instant. */
    past: canRead
      .input(z.strictObject({ skus: z.array(sku).min(1).max(STOCK_LINES_MAX), at: timestampSchema }))
      .query(async ({ input }) => ({
        items: await readPastStock({ db }, input),
      })),
    settings: settingRouter(db, inventorySetting),
    transfers: createTransfersRouter(deps),
    locations: canRead.query(async () => ({ items: await listLocations({ db }) })),
    adjust: canWrite.input(adjustment).mutation(({ ctx, input }) =>
      write(
        ctx,
        async ({ tx, now, cause }) => {
          await refuseKits(deps, [input.sku]);
          const change = await adjustStock({ tx, now }, { ...input, cause, actor: ctx.actor });
          return { action: "stock.adjusted", entityId: input.sku, before: change.before, after: input, answer: change };
        },
        { name: "stock.adjusted", request: input },
      ),
    ),
    transfer: canWrite.input(transfer).mutation(({ ctx, input }) =>
      write(
        ctx,
        async ({ tx, now, cause }) => {
          await refuseKits(deps, [input.sku]);
          await transferStock({ tx, now }, { ...input, cause, actor: ctx.actor });
          return { action: "stock.transferred", entityId: input.sku, after: input, answer: undefined };
        },
        { name: "stock.transferred", request: input },
      ),
    ),
    setAlertThreshold: canWrite
      .input(z.strictObject({ sku, threshold: z.int().min(0).max(STOCK_UNITS_MAX).nullable() }))
      .mutation(({ ctx, input }) =>
        write(ctx, async ({ tx }) => {
          await refuseKits(deps, [input.sku]);
          await setAlertThreshold({ tx }, input);
          return { action: "stock.alert_set", entityId: input.sku, after: input, answer: undefined };
        }),
      ),
    setBuffer: canWrite
      .input(z.strictObject({ sku, locationId, units: z.int().min(0).max(STOCK_UNITS_MAX) }))
      .mutation(({ ctx, input }) =>
        write(ctx, async ({ tx, now }) => {
          await refuseKits(deps, [input.sku]);
          const before = await setBuffer({ tx, now }, input);
          return {
            action: "stock.buffer_set",
            entityId: input.sku,
            before: { units: before },
            after: input,
            answer: undefined,
          };
        }),
      ),
    /** Sets what was counted, upserting by SKU and location; a line that cannot be is refused alone. */
    feed: canWrite
      .input(z.strictObject({ lines: z.array(feedLine).min(1).max(FEED_LINES_MAX), reason }))
      .mutation(({ ctx, input }) =>
        write(
          ctx,
          async ({ tx, now, cause }) => {
            const { lines, reason } = input;
            const kits = await deps.kitsAmong(lines.map((line) => line.sku));
            const answer = await setStockLevels({ tx, now }, { lines, cause, reason, kits, actor: ctx.actor });
            const after = { lines: lines.length, applied: answer.applied, refused: answer.refused.length };
            return { action: "stock.counted", entityId: cause, after, answer };
          },
          { name: "stock.counted", request: input },
        ),
      ),
    saveLocation: canWrite.input(locationInput).mutation(({ ctx, input }) =>
      write(ctx, async ({ tx, now }) => {
        const saved = await saveLocation({ tx, now, findTargets: deps.findTargets }, input);
        return { action: "location.saved", entity: "location", entityId: saved.id, after: input, answer: saved };
      }),
    ),
    verify: canRead.query(async () => ({ items: await verifyStock({ db }) })),
    verifyPromises: canRead.query(async () => ({ items: await verifyPromises({ db }) })),
    repair: canWrite.input(z.strictObject({ skus: z.array(sku).min(1).max(1_000) })).mutation(({ ctx, input }) =>
      write(ctx, async ({ tx, now }) => {
        const answer = await repairStock({ tx, now }, input);
        return { action: "stock.repaired", entityId: input.skus.slice(0, 10).join(","), after: input, answer };
      }),
    ),
  });
}

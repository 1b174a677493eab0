import { idSchema } from "@stoa/kernel";
import { z } from "zod";
import { auditing } from "../../platform/audit/index.ts";
import { router, staffProcedure } from "../../platform/rpc/index.ts";
import type { CartsDeps } from "./context.ts";
import {
  deleteShippingOption,
  deleteShippingZone,
  optionInputSchema,
  saveOption,
  saveShippingZone,
  zoneInputSchema,
} from "./save-shipping.ts";
import { deleteTaxRate, saveTaxRate, taxRateInputSchema, taxRateKeySchema } from "./save-tax.ts";
import { listShippingZones, listTaxRates } from "./term-queries.ts";

const zoneId = z.strictObject({ id: z.uuid() });
const optionId = z.strictObject({ id: idSchema("shp") });

/** For the dashboard: where the shop ships to, by what, at which price, and how it is taxed. */
export function createTermsRouter(deps: CartsDeps) {
  const read = staffProcedure("settings:read");
  const write = staffProcedure("settings:write");
  const audited = auditing(deps);
  return router({
    shippingZones: read.query(async () => ({ items: await listShippingZones(deps.db) })),
    saveShippingZone: write.input(zoneInputSchema).mutation(({ ctx, input }) =>
      audited(ctx, async (context) => {
        const id = await saveShippingZone(context, input);
        return { entity: "shipping_zone", action: "shipping_zone.saved", entityId: id, after: input, answer: { id } };
      }),
    ),
    deleteShippingZone: write.input(zoneId).mutation(({ ctx, input: { id } }) =>
      audited(ctx, async (context) => {
        const before = (await listShippingZones(context.tx)).find((zone) => zone.id === id);
        await deleteShippingZone(context, id);
        return { entity: "shipping_zone", action: "shipping_zone.deleted", entityId: id, before, answer: undefined };
      }),
    ),
    saveShippingOption: write.input(optionInputSchema).mutation(({ ctx, input }) =>
      audited(
        ctx,
        async (context) => {
          const id = await saveOption(context, input);
          const action = "shipping_option.saved";
          return { entity: "shipping_option", action, entityId: id, after: input, answer: { id } };
        },
        { name: "shipping_option.saved", request: input },
      ),
    ),
    deleteShippingOption: write.input(optionId).mutation(({ ctx, input: { id } }) =>
      audited(ctx, async (context) => {
        await deleteShippingOption(context, id);
        return { entity: "shipping_option", action: "shipping_option.deleted", entityId: id, answer: undefined };
      }),
    ),
    taxRates: read.query(async () => ({ items: await listTaxRates(deps.db) })),
    saveTaxRate: write.input(taxRateInputSchema).mutation(({ ctx, input }) =>
      audited(ctx, async (context) => {
        await saveTaxRate(context, input);
        return { entity: "tax_rate", action: "tax_rate.saved", entityId: keyOf(input), after: input, answer: input };
      }),
    ),
    deleteTaxRate: write.input(taxRateKeySchema).mutation(({ ctx, input }) =>
      audited(ctx, async (context) => {
        await deleteTaxRate(context, input);
        return {
          entity: "tax_rate",
          action: "tax_rate.deleted",
          entityId: keyOf(input),
          before: input,
          answer: undefined,
        };
      }),
    ),
  });
}

function keyOf({ country, region, taxClass }: z.output<typeof taxRateKeySchema>): string {
  return [country, region, taxClass].join("/");
}

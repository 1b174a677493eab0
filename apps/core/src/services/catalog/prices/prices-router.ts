import { idSchema, toTimestamp } from "@stoa/kernel";
import { z } from "zod";
import { router, staffProcedure } from "../../../platform/rpc/index.ts";
import { audited } from "../audited.ts";
import type { CatalogRouterDeps } from "../router.ts";
import { priceView } from "../views.ts";
import { type PriceOutlook, readPrices, setPrices, setPricesSchema } from "./set-prices.ts";
import { type PriceWarning, priceWarnings } from "./warnings.ts";

/** What products cost: before, now, and at times to come. */
export function createPricesRouter(deps: Pick<CatalogRouterDeps, "db" | "catalog" | "changed">) {
  const { catalog } = deps;
  return router({
    get: staffProcedure("catalog:read")
      .input(z.strictObject({ id: idSchema("prod") }))
      .query(async ({ input }) => ({ items: (await readPrices(catalog, input.id)).map(outlookView) })),
    set: staffProcedure("catalog:write")
      .input(setPricesSchema)
      .mutation(async ({ ctx, input }) => {
        const after = await audited(deps, ctx, "product.priced", async (context) => {
          const written = await setPrices(context, input);
          return { id: input.id, ...written };
        });
        return { version: after.revision, warnings: after.variants.flatMap(priceWarnings).map(warningView) };
      }),
  });
}

function outlookView({ prices, steps, warnings, sku }: PriceOutlook) {
  return {
    sku,
    prices: prices.map(priceView),
    steps: steps.map(({ currency, steps }) => ({
      currency,
      steps: steps.map((step) => ({ ...step, from: toTimestamp(step.from) })),
    })),
    warnings: warnings.map(warningView),
  };
}

function warningView({ from, until, ...warning }: PriceWarning) {
  return {
    ...warning,
    ...(from !== undefined && { from: toTimestamp(from) }),
    ...(until !== undefined && { until: toTimestamp(until) }),
  };
}

import { idSchema } from "@stoa/kernel";
import { z } from "zod";
import { router, staffProcedure } from "../../../platform/rpc/index.ts";
import { audited } from "../audited.ts";
import type { CatalogRouterDeps } from "../router.ts";
import { readPrices, setPrices, setPricesSchema } from "./set-prices.ts";
import { priceWarnings } from "./warnings.ts";

/** What products cost: before, now, and at times to come. */
export function createPricesRouter(deps: Pick<CatalogRouterDeps, "db" | "catalog" | "changed">) {
  const { catalog } = deps;
  return router({
    get: staffProcedure("catalog:read")
      .input(z.strictObject({ id: idSchema("prod") }))
      .query(({ input }) => readPrices(catalog, input.id)),
    set: staffProcedure("catalog:write")
      .input(setPricesSchema)
      .mutation(async ({ ctx, input }) => {
        const after = await audited(deps, ctx, "product.priced", async (context) => {
          const written = await setPrices(context, input);
          return { id: input.id, ...written };
        });
        return { version: after.revision, warnings: after.variants.flatMap(priceWarnings) };
      }),
  });
}

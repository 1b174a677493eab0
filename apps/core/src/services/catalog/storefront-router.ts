import { problem } from "@stoa/kernel";
import { recordAudit } from "../../platform/audit/index.ts";
import { transact } from "../../platform/db/index.ts";
import { router, staffProcedure } from "../../platform/rpc/index.ts";
import { readSetting, writeSetting } from "../../platform/settings/index.ts";
import { pageUrlErrors } from "./page-urls.ts";
import type { CatalogRouterDeps } from "./router.ts";
import { publishedSomewhere } from "./schedule.ts";
import { storefrontSetting } from "./settings.ts";

/** What staff say of the pages that show the catalog. */
export function createStorefrontRouter({
  db,
  catalog,
  changed,
}: Pick<CatalogRouterDeps, "db" | "catalog" | "changed">) {
  return router({
    get: staffProcedure("settings:read").query(() => readSetting(db, storefrontSetting)),
    /** Every product is brought into the read models again: what is told of each rests on this. */
    save: staffProcedure("settings:write")
      .input(storefrontSetting.schema)
      .mutation(async ({ ctx, input }) => {
        const errors = pageUrlErrors(input);
        if (errors.length > 0) throw problem("validation_failed", { errors });
        const { actor, requestId, clock } = ctx;
        const at = clock.now();
        await transact(db, async (tx) => {
          const before = await readSetting(tx, storefrontSetting);
          await writeSetting(tx, at, storefrontSetting, input);
          const entry = {
            at,
            actor,
            requestId,
            action: "settings.saved",
            entity: "setting",
            entityId: "storefront",
          };
          await recordAudit(tx, { ...entry, before, after: input });
        });
        // Behind the commit: what is rendered again has to find it. A crash in between is made good by saving again, or a rebuild.
        await catalog.products.updateMany(publishedSomewhere, { $set: { dirty: true }, $inc: { revision: 1 } });
        changed({ products: [], categories: true });
        return input;
      }),
  });
}

import { z } from "zod";
import { router, staffProcedure } from "../../platform/rpc/index.ts";
import { audited } from "./audited.ts";
import { slugSchema } from "./names.ts";
import type { ProductTypeDocument } from "./product-type.ts";
import type { CatalogRouterDeps } from "./router.ts";
import {
  deleteProductType,
  deleteProductTypeSchema,
  findBreaches,
  getProductType,
  listProductTypes,
  previewProductType,
  saveProductType,
  saveProductTypeSchema,
} from "./save-product-type.ts";
import { productTypeView } from "./views.ts";

type Deps = Pick<CatalogRouterDeps, "db" | "catalog" | "changed">;

/** What staff do with product types. */
export function createProductTypesRouter(deps: Deps) {
  const { catalog } = deps;
  const read = staffProcedure("catalog:read");
  const write = staffProcedure("catalog:write");
  const byCode = z.strictObject({ code: slugSchema });
  return router({
    list: read.query(async () => ({ items: (await listProductTypes(catalog)).map(productTypeView) })),
    get: read.input(byCode).query(async ({ input }) => productTypeView(await getProductType(catalog, input.code))),
    /** Products that do not keep to the type as it is, e.g. because a change was accepted that breaks them. */
    breaches: read
      .input(byCode)
      .query(async ({ input }) => findBreaches(catalog, await getProductType(catalog, input.code))),
    /** Which products `save` with the same input would break. */
    preview: read.input(saveProductTypeSchema).query(({ input }) => previewProductType(catalog, input)),
    save: write.input(saveProductTypeSchema).mutation(async ({ ctx, input }) =>
      productTypeView(
        await audited(deps, ctx, "product_type.saved", async (context) => {
          return { id: input.code, ...(await saveProductType(context, input)) };
        }),
      ),
    ),
    delete: write.input(deleteProductTypeSchema).mutation(async ({ ctx, input }) => {
      await audited(deps, ctx, "product_type.deleted", async (context) => {
        const before: { type: ProductTypeDocument | null } = { type: await deleteProductType(context, input) };
        return { id: input.code, before, after: { type: null } };
      });
    }),
  });
}

import { channelCodeSchema, DEFAULT_CHANNEL, idSchema, timestampSchema } from "@stoa/kernel";
import type { MediaStore } from "@stoa/runtime";
import { z } from "zod";
import type { TargetsDeps } from "../../platform/custom-fields/index.ts";
import type { Database } from "../../platform/db/index.ts";
import { type RpcContext, router, staffProcedure } from "../../platform/rpc/index.ts";
import { assertChannel } from "../../platform/settings/index.ts";
import { audited } from "./audited.ts";
import { createChannelsRouter } from "./channels/channels-router.ts";
import type { CatalogChange, CatalogContext } from "./context.ts";
import { type CreateProduct, createProduct, createProductSchema } from "./create-product.ts";
import type { CatalogDatabase } from "./database.ts";
import { expandVariants, expandVariantsSchema } from "./expand-variants.ts";
import { createFilesRouter } from "./files-router.ts";
import type { ImportDeps } from "./import/import-catalog.ts";
import { createMediaRouter } from "./media/media-router.ts";
import { namedSkusSchema, nameSkus } from "./name-skus.ts";
import { slugSchema } from "./names.ts";
import { createPriceListsRouter } from "./price-lists/price-lists-router.ts";
import { createPricesRouter } from "./prices/prices-router.ts";
import { createProductTypesRouter } from "./product-types-router.ts";
import { archiveProduct, publishProduct, scheduleProduct, unpublishProduct } from "./publish-product.ts";
import { getProduct, listCategories, listProducts, listProductsSchema } from "./queries.ts";
import { deleteCategory, deleteCategorySchema, mergeCategory, mergeCategorySchema } from "./remove-category.ts";
import { saveCategory, saveCategorySchema } from "./save-category.ts";
import { createSearchRouter, type SearchMisses } from "./search-rules/search-rules-router.ts";
import { createStorefrontRouter } from "./storefront-router.ts";
import { changeSlug, definedMembers, releaseSlug, updateProduct, updateProductSchema } from "./update-product.ts";
import { categoryView, productView } from "./views.ts";
import { discardWorkingDraft, publishWorkingDraft, saveWorkingDraft, saveWorkingDraftSchema } from "./working-draft.ts";

export interface CatalogRouterDeps extends TargetsDeps {
  readonly db: Database;
  readonly catalog: CatalogDatabase;
  readonly changed: (change: CatalogChange) => void;
  /** Language of titles in lists. */
  readonly locale: string;
  readonly files: MediaStore;
  /** What an import counted of SKUs. */
  readonly setStock: ImportDeps["setStock"];
  readonly searchMisses: SearchMisses;
}

const atVersion = z.strictObject({ id: idSchema("prod"), version: z.int().min(1) });
const inChannel = atVersion.extend({ channel: channelCodeSchema.default(DEFAULT_CHANNEL) });
const withSlug = atVersion.extend({ slug: slugSchema });
const hour = timestampSchema.nullable().optional();

/** What staff do with the catalog. MongoDB and the audit row are one call: when either fails, the caller hears of it. */
export function createCatalogRouter(deps: CatalogRouterDeps) {
  const read = staffProcedure("catalog:read");
  const write = staffProcedure("catalog:write");
  const product = acting(deps, productView);
  const category = acting(deps, categoryView);
  return router({
    products: router({
      list: read.input(listProductsSchema).query(({ input }) => listProducts(deps, input)),
      get: read
        .input(z.strictObject({ id: idSchema("prod") }))
        .query(async ({ input }) => productView(await getProduct(deps.catalog, input.id))),
      ofSkus: read.input(namedSkusSchema).query(async ({ input }) => ({ items: await nameSkus(deps, input.skus) })),
      create: write.input(createProductSchema).mutation(
        product("product.created", async (context, input: CreateProduct) => {
          return { before: null, after: await createProduct(context, input) };
        }),
      ),
      change: write.input(updateProductSchema).mutation(product("product.updated", updateProduct)),
      publish: write.input(inChannel).mutation(async ({ ctx, input }) => {
        await assertChannel(deps.db, input.channel);
        return product("product.published", publishProduct)({ ctx, input });
      }),
      unpublish: write.input(inChannel).mutation(product("product.unpublished", unpublishProduct)),
      archive: write.input(atVersion).mutation(product("product.archived", archiveProduct)),
      schedule: write
        .input(inChannel.extend({ publishAt: hour, unpublishAt: hour }))
        .mutation(async ({ ctx, input }) => {
          await assertChannel(deps.db, input.channel);
          return product("product.scheduled", scheduleProduct)({ ctx, input: definedMembers(input) });
        }),
      expandVariants: write.input(expandVariantsSchema).mutation(product("product.variants_expanded", expandVariants)),
      saveWorkingDraft: write.input(saveWorkingDraftSchema).mutation(product("product.draft_saved", saveWorkingDraft)),
      publishWorkingDraft: write.input(atVersion).mutation(product("product.draft_published", publishWorkingDraft)),
      discardWorkingDraft: write.input(atVersion).mutation(product("product.draft_discarded", discardWorkingDraft)),
      changeSlug: write.input(withSlug).mutation(product("product.slug_changed", changeSlug)),
      releaseSlug: write.input(withSlug).mutation(product("product.slug_released", releaseSlug)),
    }),
    channels: createChannelsRouter(deps),
    priceLists: createPriceListsRouter(deps),
    prices: createPricesRouter(deps),
    categories: router({
      list: read.query(async () => ({ items: (await listCategories(deps.catalog)).map(categoryView) })),
      save: write.input(saveCategorySchema).mutation(category("category.saved", saveCategory)),
      merge: write.input(mergeCategorySchema).mutation(category("category.merged", mergeCategory)),
      delete: write.input(deleteCategorySchema).mutation(category("category.deleted", deleteCategory)),
    }),
    media: createMediaRouter(deps),
    files: createFilesRouter(deps),
    productTypes: createProductTypesRouter(deps),
    search: createSearchRouter(deps),
    storefront: createStorefrontRouter(deps),
  });
}

interface Call<I> {
  readonly ctx: RpcContext;
  readonly input: I;
}

/** One act on one product or category, audited, which answers it as it is afterwards. */
function acting<D extends { readonly _id: string }, V>(deps: CatalogRouterDeps, viewOf: (document: D) => V) {
  return <I>(
    action: string,
    verb: (context: CatalogContext, input: I) => Promise<{ readonly before: D | null; readonly after: D }>,
  ) =>
    async ({ ctx, input }: Call<I>): Promise<V> =>
      viewOf(
        await audited(deps, ctx, action, async (context) => {
          const { before, after } = await verb(context, input);
          return { id: after._id, before, after };
        }),
      );
}

import { channelCodeSchema, DEFAULT_CHANNEL, idSchema } from "@stoa/kernel";
import type { MediaStore } from "@stoa/runtime";
import { z } from "zod";
import type { TargetsDeps } from "../../platform/custom-fields/index.ts";
import type { Database } from "../../platform/db/index.ts";
import { router, staffProcedure } from "../../platform/rpc/index.ts";
import { assertChannel } from "../../platform/settings/index.ts";
import { audited } from "./audited.ts";
import { createChannelsRouter } from "./channels/channels-router.ts";
import type { CatalogChange, CatalogContext } from "./context.ts";
import { createProduct, createProductSchema } from "./create-product.ts";
import type { CatalogDatabase } from "./database.ts";
import { expandVariants, expandVariantsSchema } from "./expand-variants.ts";
import { createFilesRouter } from "./files-router.ts";
import type { ImportDeps } from "./import/import-catalog.ts";
import { createMediaRouter } from "./media/media-router.ts";
import { slugSchema } from "./names.ts";
import { createPriceListsRouter } from "./price-lists/price-lists-router.ts";
import { createPricesRouter } from "./prices/prices-router.ts";
import { createProductTypesRouter } from "./product-types-router.ts";
import { archiveProduct, publishProduct, scheduleProduct, unpublishProduct } from "./publish-product.ts";
import { getProduct, listCategories, listProducts, listProductsSchema } from "./queries.ts";
import { deleteCategory, deleteCategorySchema, mergeCategory, mergeCategorySchema } from "./remove-category.ts";
import { type CategoryWrite, saveCategory, saveCategorySchema } from "./save-category.ts";
import { createSearchRouter, type SearchMisses } from "./search-rules/search-rules-router.ts";
import { createStorefrontRouter } from "./storefront-router.ts";
import {
  changeSlug,
  definedMembers,
  type ProductWrite,
  releaseSlug,
  updateProduct,
  updateProductSchema,
} from "./update-product.ts";
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
const hourSchema = z.iso
  .datetime()
  .transform((text) => Date.parse(text) as CatalogContext["now"])
  .nullable();

/** What staff do with the catalog. MongoDB and the audit row are one call: when either fails, the caller hears of it. */
export function createCatalogRouter(deps: CatalogRouterDeps) {
  const read = staffProcedure("catalog:read");
  const write = staffProcedure("catalog:write");
  return router({
    products: router({
      list: read.input(listProductsSchema).query(({ input }) => listProducts(deps, input)),
      get: read
        .input(z.strictObject({ id: idSchema("prod") }))
        .query(({ input }) => getProduct(deps.catalog, input.id)),
      create: write.input(createProductSchema).mutation(({ ctx, input }) =>
        audited(deps, ctx, "product.created", async (context) => {
          const after = await createProduct(context, input);
          return { id: after._id, before: null, after };
        }),
      ),
      update: write
        .input(updateProductSchema)
        .mutation(({ ctx, input }) =>
          audited(deps, ctx, "product.updated", async (context) => productAudit(await updateProduct(context, input))),
        ),
      publish: write.input(inChannel).mutation(async ({ ctx, input }) => {
        await assertChannel(deps.db, input.channel);
        return audited(deps, ctx, "product.published", async (context) =>
          productAudit(await publishProduct(context, input)),
        );
      }),
      unpublish: write
        .input(inChannel)
        .mutation(({ ctx, input }) =>
          audited(deps, ctx, "product.unpublished", async (context) =>
            productAudit(await unpublishProduct(context, input)),
          ),
        ),
      archive: write
        .input(atVersion)
        .mutation(({ ctx, input }) =>
          audited(deps, ctx, "product.archived", async (context) => productAudit(await archiveProduct(context, input))),
        ),
      schedule: write
        .input(inChannel.extend({ publishAt: hourSchema.optional(), unpublishAt: hourSchema.optional() }))
        .mutation(async ({ ctx, input }) => {
          await assertChannel(deps.db, input.channel);
          return audited(deps, ctx, "product.scheduled", async (context) =>
            productAudit(await scheduleProduct(context, definedMembers(input))),
          );
        }),
      expandVariants: write
        .input(expandVariantsSchema)
        .mutation(({ ctx, input }) =>
          audited(deps, ctx, "product.variants_expanded", async (context) =>
            productAudit(await expandVariants(context, input)),
          ),
        ),
      saveWorkingDraft: write
        .input(saveWorkingDraftSchema)
        .mutation(({ ctx, input }) =>
          audited(deps, ctx, "product.draft_saved", async (context) =>
            productAudit(await saveWorkingDraft(context, input)),
          ),
        ),
      publishWorkingDraft: write
        .input(atVersion)
        .mutation(({ ctx, input }) =>
          audited(deps, ctx, "product.draft_published", async (context) =>
            productAudit(await publishWorkingDraft(context, input)),
          ),
        ),
      discardWorkingDraft: write
        .input(atVersion)
        .mutation(({ ctx, input }) =>
          audited(deps, ctx, "product.draft_discarded", async (context) =>
            productAudit(await discardWorkingDraft(context, input)),
          ),
        ),
      changeSlug: write
        .input(atVersion.extend({ slug: slugSchema }))
        .mutation(({ ctx, input }) =>
          audited(deps, ctx, "product.slug_changed", async (context) => productAudit(await changeSlug(context, input))),
        ),
      releaseSlug: write
        .input(atVersion.extend({ slug: slugSchema }))
        .mutation(({ ctx, input }) =>
          audited(deps, ctx, "product.slug_released", async (context) =>
            productAudit(await releaseSlug(context, input)),
          ),
        ),
    }),
    channels: createChannelsRouter(deps),
    priceLists: createPriceListsRouter(deps),
    prices: createPricesRouter(deps),
    categories: router({
      list: read.query(() => listCategories(deps.catalog)),
      save: write
        .input(saveCategorySchema)
        .mutation(({ ctx, input }) =>
          audited(deps, ctx, "category.saved", async (context) => categoryAudit(await saveCategory(context, input))),
        ),
      merge: write
        .input(mergeCategorySchema)
        .mutation(({ ctx, input }) =>
          audited(deps, ctx, "category.merged", async (context) => categoryAudit(await mergeCategory(context, input))),
        ),
      delete: write
        .input(deleteCategorySchema)
        .mutation(({ ctx, input }) =>
          audited(deps, ctx, "category.deleted", async (context) =>
            categoryAudit(await deleteCategory(context, input)),
          ),
        ),
    }),
    media: createMediaRouter(deps),
    files: createFilesRouter(deps),
    productTypes: createProductTypesRouter(deps),
    search: createSearchRouter(deps),
    storefront: createStorefrontRouter(deps),
  });
}

function productAudit({ before, after }: ProductWrite) {
  return { id: after._id, before, after };
}

function categoryAudit({ before, after }: CategoryWrite) {
  return { id: after._id, before, after };
}

export type { CategoryDocument } from "./category-document.ts";
export { type CategoryNode, type CategoryTree, categoryTree, formerSlugs, pathTo, subtree } from "./category-tree.ts";
export { knownInCatalog, referencesOf } from "./check-product.ts";
export type { CatalogChange, CatalogContext } from "./context.ts";
export { type CreateProduct, createProduct, createProductSchema } from "./create-product.ts";
export { type CatalogFields, heldInCatalog, newReferences } from "./custom-fields.ts";
export { type CatalogConnection, type CatalogDatabase, ensureCatalogIndexes, openCatalog } from "./database.ts";
export type { ProductContent, ProductDocument } from "./documents.ts";
export {
  type ExportCatalog,
  type ExportDeps,
  type ExportFormat,
  exportCatalog,
  exportFormats,
} from "./export/export-catalog.ts";
export type { ImportNews } from "./files-router.ts";
export { type FindOffers, findOffers, type Offer, type TaxShare, unitPriceOf } from "./find-offers.ts";
export type { StockLine } from "./import/batch-stock.ts";
export {
  type ImportDeps,
  type ImportOptions,
  type ImportProgress,
  type ImportResult,
  importCatalog,
} from "./import/import-catalog.ts";
export type { ImportIssue } from "./import/imported-product.ts";
export { type KitPart, kitStock, kitsAmong, partsIn } from "./kit.ts";
export { sweepMedia } from "./media/remove-media.ts";
export { groupsOf, type PriceQuestion, priceInForce, priceRefusal, pricesOf, priorityOf } from "./price.ts";
export type { PriceListMembers } from "./price-lists/price-list.ts";
export { createPriceList } from "./price-lists/save-price-list.ts";
export { setEntries } from "./price-lists/set-entries.ts";
export { type OfferDocument, presentOffer, versionsOf } from "./prices/history.ts";
export { lowestPriorPrice, type PriceStep, priceSteps, stepAt } from "./prices/timeline.ts";
export type { ProductTypeDocument } from "./product-type.ts";
export {
  archiveProduct,
  publishProduct,
  scheduleProduct,
  touchDueProducts,
  unpublishProduct,
} from "./publish-product.ts";
export { type DeleteCategory, deleteCategory, type MergeCategory, mergeCategory } from "./remove-category.ts";
export { type CatalogRouterDeps, createCatalogRouter } from "./router.ts";
export { type SaveCategory, saveCategory } from "./save-category.ts";
export { type SaveProductType, saveProductType, saveProductTypeSchema } from "./save-product-type.ts";
export { channelsShowing, isShown, offeredUntil } from "./schedule.ts";
export { deleteSearchRule, saveSearchRule } from "./search-rules/save-search-rule.ts";
export type { SearchRuleDocument } from "./search-rules/search-rule.ts";
export type { SearchMisses } from "./search-rules/search-rules-router.ts";
export { storefrontSetting } from "./settings.ts";
export {
  type CatalogSource,
  type CategoryCount,
  catalogSource,
  type ProductPage,
  type Projected,
  type Sale,
} from "./source.ts";
export { changeSlug, updateProduct } from "./update-product.ts";
export { discardWorkingDraft, publishWorkingDraft, saveWorkingDraft } from "./working-draft.ts";

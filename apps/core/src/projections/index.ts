export { createProjections, type Projections, type ProjectionsDeps } from "./projections.ts";
export type { RebuildProgress, RebuildResult, StockSource } from "./rebuild.ts";
export type { RedisClient } from "./scripts.ts";
export { SearchIndex } from "./search-index.ts";
export { readSearchMisses } from "./search-misses.ts";
export { readShop, type Shop } from "./shop-view.ts";
export { type StockFact, stockFactSchema } from "./stock-entry.ts";
export { ReadModelStore } from "./store.ts";

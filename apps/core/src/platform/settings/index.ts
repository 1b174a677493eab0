export * from "./channels.ts";
export * from "./fields.ts";
export * from "./setting-router.ts";
export * from "./settings.ts";
export * from "./shop.ts";

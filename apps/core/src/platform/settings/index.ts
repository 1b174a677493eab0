export * from "./settings.ts";
export * from "./shop.ts";

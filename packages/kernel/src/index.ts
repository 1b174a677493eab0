export * from "./clock.ts";
export * from "./currency.ts";
export * from "./ids.ts";
export * from "./json.ts";
export * from "./money.ts";
export * from "./pagination.ts";
export * from "./problems.ts";
export * from "./states.ts";

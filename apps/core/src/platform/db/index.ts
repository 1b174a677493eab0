export * from "./any-of.ts";
export * from "./columns.ts";
export * from "./database.ts";
export * from "./errors.ts";
export * from "./migrate.ts";
export * from "./prefix-pattern.ts";
export * from "./prepared.ts";
export * from "./transact.ts";

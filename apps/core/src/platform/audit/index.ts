export * from "./auditing.ts";
export * from "./record.ts";
export * from "./verify.ts";

export * from "./record.ts";
export * from "./verify.ts";

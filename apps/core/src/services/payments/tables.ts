import { payments } from "./schema.ts";

export * from "./credits/tables.ts";
export * from "./ledger-tables.ts";
export * from "./payment-tables.ts";
export * from "./provider-tables.ts";
export * from "./reconcile/tables.ts";
export * from "./refund-tables.ts";
export * from "./saved/tables.ts";
export { payments };

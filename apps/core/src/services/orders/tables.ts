// What drizzle makes migrations of: the schema `orders`, by subject.
export * from "./tables/change.ts";
export * from "./tables/draft.ts";
export * from "./tables/fulfilment.ts";
export * from "./tables/invoice.ts";
export * from "./tables/order.ts";
export * from "./tables/order-line.ts";
export * from "./tables/return.ts";
export * from "./tables/schema.ts";

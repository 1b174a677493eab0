export * from "./account.ts";
export * from "./cart-shapes.ts";
export * from "./catalog-shapes.ts";
export * from "./client.ts";
export * from "./endpoint.ts";
export * from "./endpoints.ts";
export * from "./openapi.ts";
export { order as orderSchema, orderPage } from "./order-shapes.ts";
export type { ReturnRequest } from "./return-shapes.ts";

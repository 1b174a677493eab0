export * from "./cart-view.ts";
export * from "./catalog-views.ts";
export * from "./envelope.ts";
export * from "./key-ring.ts";
export * from "./keys.ts";
export * from "./order-view.ts";
export * from "./payment-link-view.ts";
export * from "./search-document.ts";

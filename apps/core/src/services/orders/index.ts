export { CANCEL_ORDER, cancelOrderSaga } from "./cancel-order.saga.ts";
export type { OrdersDeps } from "./deps.ts";
export { eraseFromOrders } from "./erase-customer.ts";
export { orderChanged, orderConfirmed } from "./messages.ts";
export { noteProviderNews } from "./note-provider-news.ts";
export { createOrderFeed, type OrderFeed } from "./order-feed.ts";
export { PLACE_ORDER, type PlaceOrder, placeOrderSaga } from "./place-order.saga.ts";
export { hasOrdered, listOrders, readOrders } from "./queries.ts";
export { createOrdersRouter, type OrdersRouterDeps } from "./router.ts";

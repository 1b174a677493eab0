/** The verbs that routers call, for tests that stand outside of this service. */
export { cancelOrder } from "../cancel-order.ts";
export { orderAccessToken } from "../order-token.ts";
export { placeOrder } from "../place-order.ts";
export { readOrder } from "../queries.ts";

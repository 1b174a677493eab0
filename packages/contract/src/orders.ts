import { endpoint } from "./endpoint.ts";
import { order, orderLookup } from "./order-shapes.ts";
import { orderParams } from "./params.ts";

const own = { tag: "orders", auth: "optional", cache: "private", params: orderParams } as const;
const headers = { "x-order-token": "The accessToken of the checkout; how a guest shows that the order is theirs" };

export const orderEndpoints = [
  endpoint({
    ...own,
    headers,
    id: "orders.get",
    method: "GET",
    path: "/v1/orders/{orderId}",
    summary: "An order of the customer's, or of the guest who shows its token",
    rateClass: "write",
    idempotency: "none",
    answers: { 200: { description: "The order", schema: order } },
    problems: ["not_found"],
  }),
  endpoint({
    ...own,
    headers: { ...headers, "last-event-id": "The last event seen; an unchanged order is then not sent again" },
    id: "orders.events",
    method: "GET",
    path: "/v1/orders/{orderId}/events",
    summary: "The order now and at each change, as server-sent events named `order`",
    rateClass: "write",
    idempotency: "none",
    answers: {
      200: { description: "Events, with a heartbeat every 15 s", schema: null, contentType: "text/event-stream" },
    },
    problems: ["not_found"],
  }),
  endpoint({
    ...own,
    headers,
    id: "orders.cancel",
    method: "POST",
    path: "/v1/orders/{orderId}/cancel",
    summary: "Cancels what has not shipped",
    rateClass: "write",
    idempotency: "accepted",
    answers: { 200: { description: "The order, cancelled or about to be", schema: order } },
    problems: ["not_found", "order_not_cancellable"],
  }),
  endpoint({
    id: "orders.lookup",
    tag: "orders",
    auth: "none",
    cache: "private",
    method: "POST",
    path: "/v1/orders/lookup",
    summary: "A guest's order by its number and e-mail, with the accessToken that opens it from then on",
    rateClass: "lookup",
    idempotency: "none",
    body: orderLookup,
    answers: { 200: { description: "The order", schema: order } },
    problems: ["not_found"],
  }),
] as const;

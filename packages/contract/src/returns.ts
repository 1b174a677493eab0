import { endpoint } from "./endpoint.ts";
import { orderParams, returnParams } from "./params.ts";
import { orderReturn, returnList, returnRequest } from "./return-shapes.ts";

const own = {
  tag: "orders",
  auth: "optional",
  cache: "private",
  rateClass: "write",
  headers: { "x-order-token": "The accessToken of the checkout; how a guest shows that the order is theirs" },
} as const;

export const returnEndpoints = [
  endpoint({
    ...own,
    id: "orders.returns.create",
    method: "POST",
    path: "/v1/orders/{orderId}/returns",
    summary: "Asks to send shipped units back",
    params: orderParams,
    idempotency: "accepted",
    body: returnRequest,
    answers: { 201: { description: "The return, requested", schema: orderReturn } },
    problems: ["not_found", "sku_unknown", "state_conflict"],
  }),
  endpoint({
    ...own,
    id: "orders.returns.list",
    method: "GET",
    path: "/v1/orders/{orderId}/returns",
    summary: "The returns of an order, oldest first",
    params: orderParams,
    idempotency: "none",
    answers: { 200: { description: "All of them", schema: returnList } },
    problems: ["not_found"],
  }),
  endpoint({
    ...own,
    id: "orders.returns.get",
    method: "GET",
    path: "/v1/orders/{orderId}/returns/{returnId}",
    summary: "One return of an order",
    params: returnParams,
    idempotency: "none",
    answers: { 200: { description: "The return", schema: orderReturn } },
    problems: ["not_found"],
  }),
  endpoint({
    ...own,
    id: "orders.returns.cancel",
    method: "POST",
    path: "/v1/orders/{orderId}/returns/{returnId}/cancel",
    summary: "Takes a return back that has not come yet",
    params: returnParams,
    idempotency: "accepted",
    answers: { 200: { description: "The return, cancelled", schema: orderReturn } },
    problems: ["not_found", "state_conflict"],
  }),
] as const;

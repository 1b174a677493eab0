import { endpointById } from "@stoa/contract";
import { privateJson } from "../http/answers.ts";
import { route } from "../http/call.ts";
import { orderAnswer } from "./order-answer.ts";
import { readOwnOrder } from "./read-order.ts";

export const getOrder = route(endpointById("orders.get"), async (deps, call) => {
  const { order } = await readOwnOrder(deps, call, call.params.orderId);
  return privateJson(orderAnswer(order));
});

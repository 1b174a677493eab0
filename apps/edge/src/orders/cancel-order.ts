import { endpointById } from "@stoa/contract";
import { privateJson } from "../http/answers.ts";
import { route } from "../http/call.ts";
import { orderAnswer } from "./order-answer.ts";
import { orderTokenOf } from "./read-order.ts";

export const cancelOrder = route(endpointById("orders.cancel"), async (deps, { core, params, request }) => {
  const accessToken = orderTokenOf(request.headers);
  const order = await deps.core.cancelOrder(core, { ...params, ...(accessToken === null ? {} : { accessToken }) });
  return privateJson(orderAnswer(order));
});

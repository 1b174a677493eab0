import { endpointById } from "@stoa/contract";
import { privateJson } from "../http/answers.ts";
import { route } from "../http/call.ts";
import { orderAnswer } from "./order-answer.ts";
import { shownToken } from "./read-order.ts";

export const cancelOrder = route(endpointById("orders.cancel"), async (deps, { core, params, request }) => {
  const order = await deps.core.cancelOrder(core, { ...params, ...shownToken(request.headers) });
  return privateJson(orderAnswer(order));
});

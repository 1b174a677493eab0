import { endpointById } from "@stoa/contract";
import { privateJson } from "../http/answers.ts";
import { route } from "../http/call.ts";
import { orderAnswer } from "../orders/order-answer.ts";

export const listMyOrders = route(endpointById("me.orders"), async (deps, { core, query: { limit, cursor } }) => {
  const page = await deps.core.myOrders(core, { limit, ...(cursor === undefined ? {} : { cursor }) });
  return privateJson({ ...page, items: page.items.map(orderAnswer) });
});

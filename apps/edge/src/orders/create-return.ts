import { endpointById } from "@stoa/contract";
import { privateJson } from "../http/answers.ts";
import { route } from "../http/call.ts";
import { shownToken } from "./read-order.ts";
import { returnAnswer } from "./return-answer.ts";

export const createReturn = route(endpointById("orders.returns.create"), async (deps, call) => {
  const { core, params, body, request } = call;
  const made = await deps.core.requestReturn(core, { ...params, ...body, ...shownToken(request.headers) });
  return privateJson(returnAnswer(made), 201, { location: `/v1/orders/${params.orderId}/returns/${made.id}` });
});

import { endpointById } from "@stoa/contract";
import { privateJson } from "../http/answers.ts";
import { route } from "../http/call.ts";
import { shownToken } from "./read-order.ts";
import { returnAnswer } from "./return-answer.ts";

export const listReturns = route(endpointById("orders.returns.list"), async (deps, { core, params, request }) => {
  const { items } = await deps.core.listReturns(core, { ...params, ...shownToken(request.headers) });
  return privateJson({ items: items.map(returnAnswer) });
});

import { endpointById } from "@stoa/contract";
import { privateJson } from "../http/answers.ts";
import { route } from "../http/call.ts";
import { shownToken } from "./read-order.ts";
import { returnAnswer } from "./return-answer.ts";

export const getReturn = route(endpointById("orders.returns.get"), async (deps, { core, params, request }) =>
  privateJson(returnAnswer(await deps.core.getReturn(core, { ...params, ...shownToken(request.headers) }))),
);

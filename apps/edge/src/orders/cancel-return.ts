import { endpointById } from "@stoa/contract";
import { privateJson } from "../http/answers.ts";
import { route } from "../http/call.ts";
import { shownToken } from "./read-order.ts";
import { returnAnswer } from "./return-answer.ts";

export const cancelReturn = route(endpointById("orders.returns.cancel"), async (deps, { core, params, request }) =>
  privateJson(returnAnswer(await deps.core.cancelReturn(core, { ...params, ...shownToken(request.headers) }))),
);

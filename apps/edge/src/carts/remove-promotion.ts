import { endpointById } from "@stoa/contract";
import { privateJson } from "../http/answers.ts";
import { route } from "../http/call.ts";

export const removePromotion = route(endpointById("carts.promotions.remove"), async (deps, { core, params }) =>
  privateJson(await deps.core.removePromotion(core, params)),
);

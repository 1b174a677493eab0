import { endpointById } from "@stoa/contract";
import { privateJson } from "../http/answers.ts";
import { route } from "../http/call.ts";

export const applyPromotion = route(endpointById("carts.promotions.apply"), async (deps, { core, params, body }) =>
  privateJson(await deps.core.applyPromotion(core, { ...params, ...body })),
);

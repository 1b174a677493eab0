import { endpointById } from "@stoa/contract";
import { privateJson } from "../http/answers.ts";
import { route } from "../http/call.ts";

export const applyGiftCard = route(endpointById("carts.giftCards.apply"), async (deps, { core, params, body }) =>
  privateJson(await deps.core.applyGiftCard(core, { ...params, ...body })),
);

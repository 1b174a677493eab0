import { endpointById } from "@stoa/contract";
import { privateJson } from "../http/answers.ts";
import { route } from "../http/call.ts";

export const removeGiftCard = route(endpointById("carts.giftCards.remove"), async (deps, { core, params }) =>
  privateJson(await deps.core.removeGiftCard(core, params)),
);

import { endpointById } from "@stoa/contract";
import { privateJson } from "../http/answers.ts";
import { route } from "../http/call.ts";

export const giftCardBalance = route(endpointById("giftCards.balance"), async (deps, { core, body }) =>
  privateJson(await deps.core.giftCardBalance(core, body)),
);

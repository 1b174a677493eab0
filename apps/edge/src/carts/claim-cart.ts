import { endpointById } from "@stoa/contract";
import { privateJson } from "../http/answers.ts";
import { route } from "../http/call.ts";

export const claimCart = route(endpointById("carts.claim"), async (deps, { core, params }) =>
  privateJson(await deps.core.claimCart(core, params)),
);

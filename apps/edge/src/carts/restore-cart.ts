import { endpointById } from "@stoa/contract";
import { privateJson } from "../http/answers.ts";
import { route } from "../http/call.ts";

export const restoreCart = route(endpointById("carts.restore"), async (deps, { core, params }) =>
  privateJson(await deps.core.restoreCart(core, params)),
);

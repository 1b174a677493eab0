import { endpointById } from "@stoa/contract";
import { privateJson } from "../http/answers.ts";
import { route } from "../http/call.ts";

export const updateCart = route(endpointById("carts.update"), async (deps, { core, params, body }) =>
  privateJson(await deps.core.updateCart(core, { ...params, patch: body })),
);

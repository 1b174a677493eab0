import { endpointById } from "@stoa/contract";
import { privateJson } from "../http/answers.ts";
import { route } from "../http/call.ts";

export const setQuantity = route(endpointById("carts.items.set"), async (deps, { core, params, body }) =>
  privateJson(await deps.core.setQuantity(core, { ...params, ...body })),
);

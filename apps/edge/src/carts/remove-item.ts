import { endpointById } from "@stoa/contract";
import { privateJson } from "../http/answers.ts";
import { route } from "../http/call.ts";

export const removeItem = route(endpointById("carts.items.remove"), async (deps, { core, params }) =>
  privateJson(await deps.core.setQuantity(core, { ...params, quantity: 0 })),
);

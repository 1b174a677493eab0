import { endpointById } from "@stoa/contract";
import { privateJson } from "../http/answers.ts";
import { route } from "../http/call.ts";

export const listShippingMethods = route(endpointById("carts.shippingMethods"), async (deps, { core, params }) =>
  privateJson(await deps.core.shippingMethods(core, params)),
);

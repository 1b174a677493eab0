import { endpointById } from "@stoa/contract";
import { privateJson } from "../http/answers.ts";
import { route } from "../http/call.ts";

export const getCart = route(endpointById("carts.get"), async (deps, { core, params, query }) =>
  privateJson(await deps.core.getCart(core, { ...params, ...(query.explain === "1" && { explain: true }) })),
);

import { endpointById } from "@stoa/contract";
import { privateJson } from "../http/answers.ts";
import { route } from "../http/call.ts";

export const addItem = route(endpointById("carts.items.add"), async (deps, { core, params, body }) =>
  privateJson(await deps.core.addItem(core, { ...params, ...body })),
);

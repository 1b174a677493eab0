import { endpointById } from "@stoa/contract";
import { privateJson } from "../http/answers.ts";
import { route } from "../http/call.ts";

export const useStoreCredit = route(endpointById("carts.storeCredit.use"), async (deps, { core, params, body }) =>
  privateJson(await deps.core.useStoreCredit(core, { ...params, ...body })),
);

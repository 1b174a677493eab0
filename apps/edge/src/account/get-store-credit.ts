import { endpointById } from "@stoa/contract";
import { privateJson } from "../http/answers.ts";
import { route } from "../http/call.ts";

export const getStoreCredit = route(endpointById("me.storeCredit"), async (deps, { core }) =>
  privateJson(await deps.core.storeCredit(core, undefined)),
);

import { endpointById } from "@stoa/contract";
import { privateJson } from "../http/answers.ts";
import { route } from "../http/call.ts";

export const listAddresses = route(endpointById("me.addresses.list"), async (deps, { core }) =>
  privateJson(await deps.core.listAddresses(core, undefined)),
);

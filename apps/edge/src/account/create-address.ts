import { endpointById } from "@stoa/contract";
import { privateJson } from "../http/answers.ts";
import { route } from "../http/call.ts";

export const createAddress = route(endpointById("me.addresses.create"), async (deps, { core, body }) => {
  const { isDefaultShipping, isDefaultBilling, ...address } = body;
  return privateJson(await deps.core.createAddress(core, { address, isDefaultShipping, isDefaultBilling }), 201);
});

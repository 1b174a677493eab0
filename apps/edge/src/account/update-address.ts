import { endpointById } from "@stoa/contract";
import { privateJson } from "../http/answers.ts";
import { route } from "../http/call.ts";

export const updateAddress = route(endpointById("me.addresses.update"), async (deps, { core, params, body }) => {
  const { isDefaultShipping, isDefaultBilling, ...address } = body;
  const changed = Object.keys(address).length > 0 ? { address } : {};
  const patch = { id: params.id, ...changed, isDefaultShipping, isDefaultBilling };
  return privateJson(await deps.core.updateAddress(core, patch));
});

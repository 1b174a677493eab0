import { endpointById } from "@stoa/contract";
import { noContent } from "../http/answers.ts";
import { route } from "../http/call.ts";

export const deleteAddress = route(endpointById("me.addresses.delete"), async (deps, { core, params }) => {
  await deps.core.deleteAddress(core, params);
  return noContent();
});

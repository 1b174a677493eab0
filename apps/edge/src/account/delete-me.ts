import { endpointById } from "@stoa/contract";
import { noContent } from "../http/answers.ts";
import { route } from "../http/call.ts";

export const deleteMe = route(endpointById("me.delete"), async (deps, { core }) => {
  await deps.core.deleteMe(core, undefined);
  return noContent();
});

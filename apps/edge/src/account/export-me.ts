import { endpointById } from "@stoa/contract";
import { privateJson } from "../http/answers.ts";
import { route } from "../http/call.ts";

export const exportMe = route(endpointById("me.export"), async (deps, { core }) => {
  const attachment = { "content-disposition": 'attachment; filename="my-data.json"' };
  return privateJson(await deps.core.exportMe(core, undefined), 200, attachment);
});

import { endpointById } from "@stoa/contract";
import { privateJson } from "../http/answers.ts";
import { route } from "../http/call.ts";

export const updateMe = route(endpointById("me.update"), async (deps, { core, body }) =>
  privateJson(await deps.core.updateMe(core, body)),
);

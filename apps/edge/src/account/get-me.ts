import { endpointById } from "@stoa/contract";
import { privateJson } from "../http/answers.ts";
import { route } from "../http/call.ts";

export const getMe = route(endpointById("me.get"), async (deps, { core }) =>
  privateJson(await deps.core.me(core, undefined)),
);

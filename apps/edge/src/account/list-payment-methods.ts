import { endpointById } from "@stoa/contract";
import { privateJson } from "../http/answers.ts";
import { route } from "../http/call.ts";

export const listPaymentMethods = route(endpointById("me.paymentMethods.list"), async (deps, { core }) =>
  privateJson(await deps.core.savedMethods(core, undefined)),
);

import { endpointById } from "@stoa/contract";
import { privateJson } from "../http/answers.ts";
import { route } from "../http/call.ts";

export const getPaymentLink = route(endpointById("paymentLinks.get"), async (deps, { core, params }) =>
  privateJson(await deps.core.viewPaymentLink(core, params)),
);

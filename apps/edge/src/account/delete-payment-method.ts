import { endpointById } from "@stoa/contract";
import { noContent } from "../http/answers.ts";
import { route } from "../http/call.ts";

export const deletePaymentMethod = route(endpointById("me.paymentMethods.delete"), async (deps, { core, params }) => {
  await deps.core.removeSavedMethod(core, params);
  return noContent();
});

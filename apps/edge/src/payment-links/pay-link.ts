import { endpointById } from "@stoa/contract";
import { assertReturnUrl } from "../carts/return-url.ts";
import { route } from "../http/call.ts";
import { placedAnswer } from "../orders/placed-answer.ts";

export const payLink = route(endpointById("paymentLinks.pay"), async (deps, { core, params, body, requestId }) => {
  const arrivedAt = performance.now();
  assertReturnUrl(deps.settings, body.payment.returnUrl);
  const placed = await deps.core.payLink(core, { ...params, ...body });
  return placedAnswer(deps, { core, requestId }, { placed, arrivedAt });
});

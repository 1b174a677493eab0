import { endpointById } from "@stoa/contract";
import { route } from "../http/call.ts";
import { placedAnswer } from "../orders/placed-answer.ts";
import { assertReturnUrl } from "./return-url.ts";

export const checkout = route(endpointById("carts.checkout"), async (deps, { core, params, body, requestId }) => {
  const { payment, expectedTotal, expectedAmountDue, ...patch } = body;
  const arrivedAt = performance.now();
  assertReturnUrl(deps.settings, payment.returnUrl);
  const placed = await deps.core.placeOrder(core, {
    ...params,
    payment,
    ...(expectedTotal ? { expectedTotal } : {}),
    ...(expectedAmountDue ? { expectedAmountDue } : {}),
    patch,
  });
  return placedAnswer(deps, { core, requestId }, { placed, arrivedAt });
});

import { endpointById } from "@stoa/contract";
import { isProblemCode, problem } from "@stoa/kernel";
import type { StoredOrder } from "@stoa/read-models";
import { privateJson } from "../http/answers.ts";
import { route } from "../http/call.ts";
import { problemResponse } from "../http/problems.ts";
import { orderAnswer } from "../orders/order-answer.ts";
import { waitForSettled } from "../orders/wait-for-order.ts";
import { assertReturnUrl } from "./return-url.ts";

/** How long a shopper's request waits for the order to settle before it answers 202. */
const SETTLE_WAIT_MS = 1_500;

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
  // Core has waited itself where it could; what is left of the time is waited for here, with Redis to tell.
  const leftMs = Math.max(0, SETTLE_WAIT_MS - (performance.now() - arrivedAt));
  const settled = placed.order?.settled ? placed.order : await waitForSettled(deps, placed.orderId, leftMs);
  // Redis may be behind or away; the order stands in core all the same, and core says how far it is.
  const order = settled ?? placed.order ?? (await deps.core.viewOrder(core, { orderId: placed.orderId }));
  // Returned, not thrown: an order stands behind this refusal, so the key keeps it like any other answer.
  if (order.view.state === "refused") return problemResponse(refusalOf(order), requestId);
  const token = placed.accessToken === null ? {} : { accessToken: placed.accessToken };
  const answer = { ...orderAnswer(order), ...token };
  const status = answer.state === "pending" ? 202 : 201;
  return privateJson(answer, status, { location: `/v1/orders/${placed.orderId}` });
});

/** The problem that ended the order. A code that is not for shoppers shows as a declined payment. */
function refusalOf({ view }: StoredOrder) {
  const { code, detail, extensions } = view.refusal ?? { code: "payment_declined", detail: "The order was refused." };
  const known = isProblemCode(code) && code !== "internal_error" ? code : "payment_declined";
  return problem(known, { ...extensions, detail, orderId: view.id });
}

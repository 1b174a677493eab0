import { isProblemCode, problem } from "@stoa/kernel";
import type { StoredOrder } from "@stoa/read-models";
import type { PlacedOrder } from "../core-port.ts";
import type { EdgeDeps } from "../deps.ts";
import { privateJson } from "../http/answers.ts";
import type { Call } from "../http/call.ts";
import { problemResponse } from "../http/problems.ts";
import { orderAnswer } from "./order-answer.ts";
import { waitForSettled } from "./wait-for-order.ts";

/** What a shopper who has just placed an order is answered: the order once it has settled, or why it was refused. */
export async function placedAnswer(
  deps: EdgeDeps,
  { core, requestId }: Pick<Call, "core" | "requestId">,
  { placed, arrivedAt }: { readonly placed: PlacedOrder; readonly arrivedAt: number },
): Promise<Response> {
  const token = placed.accessToken === null ? {} : { accessToken: placed.accessToken };
  const headers = { location: `/v1/orders/${placed.orderId}` };
  if (placed.isDue !== undefined && placed.order) {
    return privateJson({ ...orderAnswer(placed.order), ...token }, placed.isDue ? 202 : 201, headers);
  }
  // Core has waited itself where it could; what is left of the time is waited for here, with Redis to tell.
  const leftMs = Math.max(0, deps.settings.settleWaitMs - (performance.now() - arrivedAt));
  const settled = placed.order?.settled ? placed.order : await waitForSettled(deps, placed.orderId, leftMs);
  // Redis may be behind or away; the order stands in core all the same, and core says how far it is.
  const order = settled ?? placed.order ?? (await deps.core.viewOrder(core, { orderId: placed.orderId }));
  // Returned, not thrown: an order stands behind this refusal, so the key keeps it like any other answer.
  if (order.view.state === "refused") return problemResponse(refusalOf(order), requestId);
  const answer = { ...orderAnswer(order), ...token };
  return privateJson(answer, answer.state === "pending" ? 202 : 201, headers);
}

/** The problem that ended the order. A code that is not for shoppers shows as a declined payment. */
function refusalOf({ view }: StoredOrder) {
  const { code, detail, extensions } = view.refusal ?? { code: "payment_declined", detail: "The order was refused." };
  const known = isProblemCode(code) && code !== "internal_error" ? code : "payment_declined";
  return problem(known, { ...extensions, detail, orderId: view.id });
}

import { endpointById } from "@stoa/contract";
import { problem } from "@stoa/kernel";
import { privateJson } from "../http/answers.ts";
import { route } from "../http/call.ts";
import { orderAnswer } from "./order-answer.ts";

/** Counted for the address before this and for the number here, so that no crowd of addresses tries e-mails on one order. */
export const lookUpOrder = route(endpointById("orders.lookup"), async (deps, { core, body }) => {
  const verdict = await deps.limiter.take("lookup-number", body.number, deps.settings.limits.lookup);
  if (verdict?.allowed === false) {
    throw problem("rate_limited", { retryAfterSeconds: verdict.retryAfterSeconds });
  }
  const { order, accessToken } = await deps.core.lookUpOrder(core, body);
  return privateJson({ ...orderAnswer(order), accessToken });
});

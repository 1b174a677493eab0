import type Stripe from "stripe";
import { readRawBody } from "./raw-body.ts";
import { type PaymentWebhookDeps, refuseEvent, takeEvent } from "./take-event.ts";

export interface StripeWebhookDeps extends PaymentWebhookDeps {
  readonly webhooks: Pick<Stripe["webhooks"], "constructEventAsync">;
  readonly secret: string;
}

const TOLERANCE_SECONDS = 300;
const FUTURE_MAX_SECONDS = 60;

/** `POST /webhooks/stripe`: signature over the raw body, then the inbox. A replay within the tolerance counts once, by its event id. */
export function createStripeWebhook(deps: StripeWebhookDeps) {
  return async (request: Request): Promise<Response> => {
    const rawBody = await readRawBody(request);
    if (rawBody === null) return new Response(null, { status: 413 });
    const header = request.headers.get("stripe-signature") ?? "";
    const now = deps.payments.clock.now();
    // The SDK takes stamps of any future; whoever could once sign one could use it for ever.
    if (!isFromNow(header, now / 1_000)) return refuseEvent(deps, "stripe", "stamp");
    try {
      await deps.webhooks.constructEventAsync(rawBody, header, deps.secret, TOLERANCE_SECONDS, undefined, now);
    } catch {
      return refuseEvent(deps, "stripe", "signature");
    }
    return takeEvent(deps, { provider: "stripe", rawBody, verdict: "signature_valid" });
  };
}

/** Whether the header carries exactly one stamp, and not one from the future. */
function isFromNow(header: string, nowSeconds: number): boolean {
  const stamps = header.split(",").filter((part) => part.trim().startsWith("t="));
  const stamp = Number(stamps[0]?.trim().slice(2));
  return stamps.length === 1 && Number.isInteger(stamp) && stamp <= nowSeconds + FUTURE_MAX_SECONDS;
}

import type { PaypalProvider } from "../services/payments/index.ts";
import { readRawBody } from "./raw-body.ts";
import { type PaymentWebhookDeps, refuseEvent, takeEvent } from "./take-event.ts";

export interface PaypalWebhookDeps extends PaymentWebhookDeps {
  readonly provider: Pick<PaypalProvider, "verifyEvent">;
  readonly webhookId: string;
}

const FUTURE_MAX_MS = 60_000;
const HEADER_LENGTH_MAX = 2_000;

/** `POST /webhooks/paypal`: PayPal itself is asked whether it sent the event. While it cannot be asked, 503 makes it send again. */
export function createPaypalWebhook(deps: PaypalWebhookDeps) {
  return async (request: Request): Promise<Response> => {
    const rawBody = await readRawBody(request);
    if (rawBody === null) return new Response(null, { status: 413 });
    const transmission = transmissionOf(request.headers);
    if (!transmission) return refuseEvent(deps, "paypal", "headers");
    const sentAt = Date.parse(transmission.time);
    if (!(sentAt <= deps.payments.clock.now() + FUTURE_MAX_MS)) return refuseEvent(deps, "paypal", "stamp");
    try {
      const isGenuine = await deps.provider.verifyEvent({ ...transmission, rawBody, webhookId: deps.webhookId });
      if (!isGenuine) return refuseEvent(deps, "paypal", "signature");
    } catch (error) {
      deps.logger.warn("PayPal could not be asked about an event", { error });
      return new Response(null, { status: 503, headers: { "retry-after": "30" } });
    }
    return takeEvent(deps, { provider: "paypal", rawBody, verdict: "provider_confirmed" });
  };
}

function transmissionOf(headers: Headers) {
  const read = (name: string) => headers.get(`paypal-${name}`) ?? "";
  const transmission = {
    id: read("transmission-id"),
    time: read("transmission-time"),
    signature: read("transmission-sig"),
    certUrl: read("cert-url"),
    algorithm: read("auth-algo"),
  };
  const isWhole = Object.values(transmission).every((value) => value !== "" && value.length <= HEADER_LENGTH_MAX);
  return isWhole ? transmission : null;
}

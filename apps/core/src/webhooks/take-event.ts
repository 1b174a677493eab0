import type { Logger } from "@stoa/runtime";
import {
  applyProviderEvent,
  type PaymentEventDeps,
  type ReceivedEvent,
  takeProviderEvent,
} from "../services/payments/index.ts";

export interface PaymentWebhookDeps {
  readonly payments: PaymentEventDeps;
  readonly logger: Logger;
}

/**
 * Stores a proved event and answers 200; only then, if it tells anything new, is it applied, in its own transaction, by this process or by the sweep.
 * Should the store fail, the error answers 500 and the provider sends the event again.
 */
export async function takeEvent({ payments, logger }: PaymentWebhookDeps, event: ReceivedEvent): Promise<Response> {
  const id = await takeProviderEvent(payments, event);
  if (id) {
    applyProviderEvent(payments, id).catch((error: unknown) => {
      logger.warn("a provider event is left to the sweep", { provider: event.provider, error });
    });
  }
  return new Response(null, { status: 200 });
}

/** An event whose origin could not be proved: logged without its body, never stored. */
export function refuseEvent({ logger }: PaymentWebhookDeps, provider: string, reason: string): Response {
  logger.warn("a provider event was refused", { provider, reason });
  return new Response(null, { status: 400 });
}

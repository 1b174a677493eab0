import type { Logger } from "@stoa/runtime";
import {
  applyProviderEvent,
  type PaymentEventDeps,
  type ReceivedEvent,
  settleKnownEvent,
  type TakenEvent,
  takeProviderEvent,
} from "../services/payments/index.ts";

export interface PaymentWebhookDeps {
  readonly payments: PaymentEventDeps;
  readonly logger: Logger;
  /** How long the answer to a call of ours may take to be written down, which an event has overtaken. */
  readonly answerWaitMs: number;
}

/**
 * Stores a proved event and answers 200; only then, if it tells anything new, is it applied, in its own transaction, by this process or by the sweep.
 * Should the store fail, the error answers 500 and the provider sends the event again.
 */
export async function takeEvent(deps: PaymentWebhookDeps, event: ReceivedEvent): Promise<Response> {
  const taken = await takeProviderEvent(deps.payments, event);
  if (taken) {
    workOn(deps, taken).catch((error: unknown) => {
      deps.logger.warn("a provider event is left to the sweep", { provider: event.provider, error });
    });
  }
  return new Response(null, { status: 200 });
}

/** What our own call is answered most likely tells the same: to apply both costs twice, and waits for the order besides. */
async function workOn({ payments, answerWaitMs }: PaymentWebhookDeps, taken: TakenEvent): Promise<void> {
  if (taken.isAnswerDue) {
    await Bun.sleep(answerWaitMs);
    if (await settleKnownEvent(payments, taken)) return;
  }
  await applyProviderEvent(payments, taken.id);
}

/** An event whose origin could not be proved: logged without its body, never stored. */
export function refuseEvent({ logger }: PaymentWebhookDeps, provider: string, reason: string): Response {
  logger.warn("a provider event was refused", { provider, reason });
  return new Response(null, { status: 400 });
}

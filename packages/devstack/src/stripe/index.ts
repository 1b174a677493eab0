import { type PaymentStandIn, type PaymentStandInOptions, startPaymentStandIn } from "../stand-in/payment-stand-in.ts";
import { openAccount } from "./account.ts";
import { failureAnswer, tooLargeAnswer } from "./answers.ts";
import { createApi } from "./api.ts";
import { idempotencyKeys } from "./idempotency.ts";
import { webhookHeaders } from "./signature.ts";

const BODY_BYTES_MAX = 256 * 1024;

export interface StripeOptions extends PaymentStandInOptions {
  /** What `Authorization: Bearer …` must carry. */
  readonly secretKey: string;
  readonly webhookSecret: string;
  /** Types of events that the endpoint is registered for, such as `refund.*`. Default all. */
  readonly webhookEvents?: readonly string[] | undefined;
}

export type StripeStandIn = PaymentStandIn;

/**
 * Starts a stand-in for Stripe's API in test mode: payment intents, charges, refunds, disputes, events and signed webhooks.
 * Point the official client at it with `host: "127.0.0.1"`, `port`, `protocol: "http"`.
 */
export function startStripe(options: StripeOptions): Promise<StripeStandIn> {
  return startPaymentStandIn(
    {
      name: "stripe",
      description: "Stripe test mode (stand-in)",
      bodyBytesMax: BODY_BYTES_MAX,
      tooLarge: tooLargeAnswer(),
      broken: failureAnswer,
      open: (ground) => ({
        headersFor: (body) => webhookHeaders(options.webhookSecret, body),
        createApi: (courier) =>
          createApi({
            ...ground,
            account: openAccount(ground.database, courier, options.webhookEvents),
            keys: idempotencyKeys(ground.database),
            secretKey: options.secretKey,
          }),
      }),
    },
    options,
  );
}

import { type PaymentStandIn, type PaymentStandInOptions, startPaymentStandIn } from "../stand-in/payment-stand-in.ts";
import { openAccount } from "./account.ts";
import { failureAnswer, tooLargeAnswer } from "./answers.ts";
import { createApi } from "./api.ts";
import { requestIds } from "./request-ids.ts";
import { CERTIFICATE_PATH, openSigner } from "./signing.ts";

const BODY_BYTES_MAX = 512 * 1024;

export interface PaypalOptions extends PaymentStandInOptions {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly webhookId: string;
}

export type PaypalStandIn = PaymentStandIn;

/**
 * Starts a stand-in for PayPal: OAuth, Orders v2, Payments v2, saved wallets (Vault v3), disputes, the search for transactions,
 * signed webhooks and their verification, and the page on which the payer approves. The official client has no option for another host; route its requests to `url`.
 */
export function startPaypal(options: PaypalOptions): Promise<PaypalStandIn> {
  return startPaymentStandIn(
    {
      name: "paypal",
      description: "PayPal sandbox (stand-in)",
      bodyBytesMax: BODY_BYTES_MAX,
      tooLarge: tooLargeAnswer(),
      broken: failureAnswer,
      open: (ground) => {
        const signer = openSigner(ground.database, options.webhookId);
        return {
          headersFor: (body) => signer.headersFor(body, ground.baseUrl + CERTIFICATE_PATH),
          createApi: (courier) =>
            createApi({
              ...ground,
              account: openAccount(ground.database, courier),
              requestIds: requestIds(ground.database),
              signer,
              clientId: options.clientId,
              clientSecret: options.clientSecret,
            }),
        };
      },
    },
    options,
  );
}

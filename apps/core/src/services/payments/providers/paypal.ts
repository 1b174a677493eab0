import { ApiError, type Client } from "@paypal/paypal-server-sdk";
import { createGate, type GateOptions, type ProviderGate } from "./gate.ts";
import { paypalRefusesAmount } from "./paypal-amount.ts";
import { classifyPaypalError, createPaypalClient, type PaypalCredentials } from "./paypal-client.ts";
import { identifyPaypalEvent, parsePaypalEvent } from "./paypal-event.ts";
import { PaypalOrders } from "./paypal-orders.ts";
import { reportOf } from "./paypal-report.ts";
import { createPaypalVerifier, type PaypalTransmission } from "./paypal-verify.ts";
import { type PaymentProvider, unlessUnknown } from "./provider.ts";

export interface PaypalOptions extends PaypalCredentials, Pick<GateOptions, "clock" | "record" | "observe"> {}

export interface PaypalProvider extends PaymentProvider {
  /** Whether PayPal has sent this. @throws when it cannot be asked. */
  verifyEvent(transmission: PaypalTransmission): Promise<boolean>;
}

/** PayPal publishes no limit; this is far below the rates at which it is known to answer 429. */
const REQUESTS_PER_SECOND = 50;

/** The PayPal wallet, straight from PayPal: an order that the shopper approves, then an authorization that we capture. */
export function createPaypalProvider(options: PaypalOptions): PaypalProvider {
  const { clock, record, observe } = options;
  let client: Client = createPaypalClient(options);
  const gate = createGate({
    provider: "paypal",
    clock,
    classify: classifyPaypalError,
    record,
    observe,
    requestsPerSecond: REQUESTS_PER_SECOND,
  });
  const renewing: ProviderGate = {
    run: (call, send) =>
      gate.run(call, async () => {
        try {
          return await send();
        } catch (error) {
          // The SDK keeps its token for hours even when PayPal has taken it back; a new client asks for a new one.
          if (error instanceof ApiError && error.statusCode === 401) client = createPaypalClient(options);
          throw error;
        }
      }),
  };
  const api = new PaypalOrders(
    () => client,
    renewing,
    () => clock.now(),
  );
  return {
    name: "paypal",
    refundsCaptures: true,
    keepsBooks: true,
    refuses: (_choice, amount) => {
      const message = paypalRefusesAmount(amount);
      return message ? { path: "payment.provider", message } : null;
    },
    prepareAttempt: async (attempt) => {
      const order = await api.create(attempt);
      return { reference: order.id, report: reportOf(order) };
    },
    authorize: (attempt) => api.authorize(attempt),
    capture: (attempt, order) => api.capture(attempt, order),
    void: (attempt) => api.void(attempt),
    refund: (attempt, order) => api.refund(attempt, order),
    lookup: async (attempt) => {
      const order = attempt.reference ? await unlessUnknown(api.find(attempt), classifyPaypalError) : null;
      return order && reportOf(order);
    },
    identifyEvent: identifyPaypalEvent,
    parseEvent: parsePaypalEvent,
    verifyEvent: createPaypalVerifier({ apiUrl: options.apiUrl, client: () => client, gate: renewing }),
  };
}

import type { Client } from "@paypal/paypal-server-sdk";
import { type Clock, isId } from "@stoa/kernel";
import { createGate, type GateOptions, type ProviderGate } from "./gate.ts";
import { paypalRefusesAmount } from "./paypal-amount.ts";
import { PaypalBooks } from "./paypal-books.ts";
import { PaypalCalls } from "./paypal-calls.ts";
import { PaypalCaptures } from "./paypal-captures.ts";
import { classifyPaypalError, createPaypalClient, isAnswer, type PaypalCredentials } from "./paypal-client.ts";
import { createPaypalEvidence, EVIDENCE_LENGTH_MAX } from "./paypal-disputes.ts";
import { identifyPaypalEvent, parsePaypalEvent } from "./paypal-event.ts";
import { PaypalOrders } from "./paypal-orders.ts";
import { reportOf } from "./paypal-report.ts";
import { createPaypalRest } from "./paypal-rest.ts";
import { createPaypalVerifier, type PaypalTransmission } from "./paypal-verify.ts";
import { createPaypalVault, walletOf } from "./paypal-wallets.ts";
import type { PaymentProvider } from "./provider.ts";
import { unlessUnknown } from "./provider-report.ts";

export interface PaypalOptions extends PaypalCredentials, Pick<GateOptions, "record" | "observe" | "nowMs"> {
  readonly clock: Clock;
}

export interface PaypalProvider extends PaymentProvider {
  /** Whether PayPal has sent this. @throws when it cannot be asked. */
  verifyEvent(transmission: PaypalTransmission): Promise<boolean>;
}

/** PayPal publishes no limit; this is far below the rates at which it is known to answer 429. */
const REQUESTS_PER_SECOND = 50;
/** Anybody can send what claims to be an event, and PayPal is asked about each: those calls never take a shopper's turn. */
const VERIFICATIONS_PER_SECOND = 25;

/** The PayPal wallet, straight from PayPal: an order that the shopper approves, then an authorization that we capture. */
export function createPaypalProvider(options: PaypalOptions): PaypalProvider {
  const { clock } = options;
  const { client, gate, verifying } = connect(options);
  const calls = new PaypalCalls(client, gate);
  const api = new PaypalOrders(calls);
  const captures = new PaypalCaptures(calls, () => clock.now());
  const rest = createPaypalRest({ apiUrl: options.apiUrl, client, gate });
  const books = new PaypalBooks({ client, gate, rest });
  return {
    name: "paypal",
    guard: () => gate.state(),
    refundsCaptures: true,
    keepsBooks: true,
    vault: createPaypalVault(client, gate),
    refuses: ({ paymentMethod }, amount) => {
      if (paymentMethod !== undefined && !isId("spm", paymentMethod)) {
        return { path: "payment.paymentMethod", message: "PayPal takes one of your saved payment methods, or none" };
      }
      const message = paypalRefusesAmount(amount);
      return message ? { path: "payment.provider", message } : null;
    },
    prepareAttempt: async (attempt) => {
      const order = await api.create(attempt);
      return { reference: order.id, report: walletOf(attempt) === null ? reportOf(order) : null };
    },
    authorize: (attempt) => api.authorize(attempt),
    capture: (attempt, order) => captures.capture(attempt, order),
    void: (attempt) => api.void(attempt),
    refund: (attempt, order) => captures.refund(attempt, order),
    lookup: async (attempt) => {
      const order = attempt.reference ? await unlessUnknown(calls.find(attempt), classifyPaypalError) : null;
      return order && reportOf(order);
    },
    statement: (range) => books.statement(range),
    disputesOf: ({ facts }) => {
      const taken = facts.filter(({ type }) => type === "captured");
      return books.disputesOf(taken.map(({ reference }) => reference));
    },
    releaseUnknown: (reference) => books.release(reference),
    identifyEvent: identifyPaypalEvent,
    parseEvent: parsePaypalEvent,
    verifyEvent: createPaypalVerifier(
      options.apiUrl,
      createPaypalRest({ apiUrl: options.apiUrl, client, gate: verifying }),
    ),
    evidenceLengthMax: EVIDENCE_LENGTH_MAX,
    submitEvidence: createPaypalEvidence(rest),
  };
}

interface Connection {
  readonly client: () => Client;
  readonly gate: ProviderGate;
  /** For questions about events, beside the gate for all that is about money. */
  readonly verifying: ProviderGate;
}

/** The SDK's client behind the gate. The SDK keeps its token for hours even when PayPal has taken it back; a new client asks for a new one. */
function connect({ observe, ...options }: PaypalOptions): Connection {
  let client: Client;
  const renew = () => {
    client = createPaypalClient(options, renew);
  };
  renew();
  const gateOf = (own: Pick<GateOptions, "requestsPerSecond" | "observe">): ProviderGate => {
    const { record, nowMs } = options;
    const gate = createGate({ provider: "paypal", classify: classifyPaypalError, record, nowMs, ...own });
    const run: ProviderGate["run"] = (call, send) =>
      gate.run(call, async () => {
        try {
          return await send();
        } catch (error) {
          if (isAnswer(error) && error.statusCode === 401) renew();
          throw error;
        }
      });
    return { run, state: () => gate.state() };
  };
  return {
    client: () => client,
    gate: gateOf({ requestsPerSecond: REQUESTS_PER_SECOND, observe }),
    verifying: gateOf({ requestsPerSecond: VERIFICATIONS_PER_SECOND }),
  };
}

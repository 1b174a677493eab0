import { type ApiResponse, type Client, OrdersController, PaymentsController } from "@paypal/paypal-server-sdk";
import type { z } from "zod";
import type { ProviderGate } from "./gate.ts";
import { classifyPaypalError } from "./paypal-client.ts";
import { orderSchema, type PaypalOrder } from "./paypal-report.ts";
import type { ProviderAttempt } from "./provider.ts";

export const WHOLE_ANSWER = "return=representation";

/** The way to PayPal's orders and payments: each call through the gate, its answer read. */
export class PaypalCalls {
  constructor(
    /** Asked for every call: after a rejected token it is another one. */
    readonly client: () => Client,
    readonly gate: ProviderGate,
  ) {}

  orders = () => new OrdersController(this.client());
  payments = () => new PaymentsController(this.client());

  find(attempt: ProviderAttempt): Promise<PaypalOrder> {
    const id = referenceOf(attempt);
    return this.send(attempt, { operation: "get_order", key: null, schema: orderSchema }, () =>
      this.orders().getOrder({ id }),
    );
  }

  /** Reads the answer as it came over the wire, in the same shape in which events carry it. */
  async send<S extends z.ZodType>(
    { paymentId }: ProviderAttempt,
    { operation, key, schema }: { readonly operation: string; readonly key: string | null; readonly schema: S },
    send: () => Promise<ApiResponse<unknown>>,
  ): Promise<z.infer<S>> {
    const { body } = await this.gate.run({ operation, paymentId, key, safe: true }, send);
    return schema.parse(JSON.parse(String(body)));
  }
}

/** Authorizations of which something can be captured. */
export const capturable: ReadonlySet<string> = new Set(["CREATED", "PARTIALLY_CAPTURED"]);

/** PayPal's word for its refusal, in lower case. @throws the error itself when its outcome is not known. */
export function refusalOf(error: unknown): string {
  const { outcome, code } = classifyPaypalError(error);
  if (outcome === "unknown") throw error;
  return code?.toLowerCase() ?? "rejected";
}

export function referenceOf(attempt: ProviderAttempt): string {
  if (!attempt.reference) throw new Error(`payment ${attempt.paymentId} is not known to PayPal`);
  return attempt.reference;
}

import type { CustomerId } from "@stoa/kernel";
import type Stripe from "stripe";
import { z } from "zod";
import type { ProviderGate } from "./gate.ts";
import type { ProviderAttempt, ProviderVault } from "./provider.ts";
import type { ReportedMethod } from "./provider-report.ts";
import { classifyStripeError } from "./stripe-client.ts";

/** An id, or the payment method itself where it was asked for. */
export const paymentMethodSchema = z.union([
  z.string(),
  z.object({
    id: z.string(),
    card: z
      .object({
        brand: z.string(),
        last4: z.string(),
        exp_month: z.int(),
        exp_year: z.int(),
        fingerprint: z.string().nullish(),
      })
      .nullish(),
  }),
]);

/** The card in an answer of Stripe's; undefined for an id alone, and for means that are no cards. */
export function cardOf(method: z.infer<typeof paymentMethodSchema> | null | undefined): ReportedMethod | undefined {
  if (!method || typeof method === "string" || !method.card) return undefined;
  const { brand, last4, exp_month, exp_year, fingerprint = null } = method.card;
  const printed = { brand, last4, expiryMonth: exp_month, expiryYear: exp_year };
  return { reference: method.id, ...printed, account: null, fingerprint };
}

/** What a new intent says of its customer; saved cards pay with it only, and the card is kept when it has paid. */
export function customerParams({ customerReference, savesMethod }: ProviderAttempt) {
  return {
    ...(customerReference && { customer: customerReference }),
    ...(customerReference && savesMethod && ({ setup_future_usage: "off_session" } as const)),
  };
}

/** Asks for the card to be shown in the answer, where it is to be kept. */
export function showingCard({ savesMethod }: ProviderAttempt): { readonly expand?: string[] } {
  return savesMethod ? { expand: ["payment_method"] } : {};
}

/** Stripe's customers and their cards. No name and no address of theirs is given away, only our id. */
export function createStripeVault(stripe: Stripe, gate: ProviderGate): ProviderVault {
  const once = async (operation: string, send: () => Promise<unknown>) => {
    try {
      await gate.run({ operation, paymentId: null, key: null, safe: true }, send);
    } catch (error) {
      // Stripe refuses to detach what is attached to nobody, and to delete who is not there: it was done before.
      if (classifyStripeError(error).outcome !== "rejected") throw error;
    }
  };
  return {
    async createCustomer(customerId: CustomerId) {
      const key = `customer/${customerId}`;
      const { id } = await gate.run({ operation: "create_customer", paymentId: null, key, safe: true }, () =>
        stripe.customers.create({ metadata: { customerId } }, { idempotencyKey: key }),
      );
      return id;
    },
    detach: (reference) => once("detach_card", () => stripe.paymentMethods.detach(reference)),
    forgetCustomer: (reference) => once("delete_customer", () => stripe.customers.del(reference)),
  };
}

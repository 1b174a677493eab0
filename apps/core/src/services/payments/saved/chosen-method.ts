import { type CustomerId, isId, problem } from "@stoa/kernel";
import type { Database, Transaction } from "../../../platform/db/index.ts";
import type { PaymentsDeps } from "../attempt.ts";
import type { PaymentMethodChoice } from "../providers/provider.ts";
import { findProviderCustomer } from "./provider-customer.ts";
import { findSavedMethod } from "./saved-methods.ts";

/** Ids of the providers' and our own. */
const TOKEN = /^[a-z]+_\w+$/i;

/** A choice of payment in the provider's own tokens. */
export interface ChosenMethod {
  readonly paymentMethod: string | null;
  readonly providerCustomer: string | null;
  readonly savesMethod: boolean;
}

/**
 * What a choice means to its provider: the token itself, or that of the customer's saved card. No statement unless a saved card is
 * named or one is to be saved.
 * @throws problem `validation_failed` for what is no id, such as a card's number; for a saved card that is not the customer's, which
 * answers like one that never was; for saving by a guest, or where no cards are kept.
 */
export async function chosenMethod(
  deps: Pick<PaymentsDeps, "providers">,
  db: Database | Transaction,
  choice: PaymentMethodChoice,
  customerId: CustomerId | null,
): Promise<ChosenMethod> {
  const { provider, paymentMethod = null, savePaymentMethod: savesMethod = false } = choice;
  // A page that sends a card's number by mistake is told so before the number is written down or passed on.
  if (paymentMethod !== null && !TOKEN.test(paymentMethod)) {
    throw refuse("payment.paymentMethod", "is no id of a payment method, such as pm_…");
  }
  if (paymentMethod?.startsWith("spm_")) {
    const id = isId("spm", paymentMethod) ? paymentMethod : null;
    const own = customerId && id && (await findSavedMethod(db, { id, customerId, provider }));
    if (!own) throw refuse("payment.paymentMethod", "is none of your saved payment methods");
    return { paymentMethod: own.reference, providerCustomer: own.customerReference, savesMethod: false };
  }
  if (!savesMethod) return { paymentMethod, providerCustomer: null, savesMethod };
  if (customerId === null) throw refuse("payment.savePaymentMethod", "sign in to save a payment method");
  if (!deps.providers.get(provider)?.vault)
    throw refuse("payment.savePaymentMethod", "cannot be saved with this provider");
  return { paymentMethod, savesMethod, providerCustomer: await findProviderCustomer(db, { customerId, provider }) };
}

function refuse(path: string, message: string) {
  return problem("validation_failed", { detail: message, errors: [{ path, message }] });
}

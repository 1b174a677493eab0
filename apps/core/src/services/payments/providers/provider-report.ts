import type { NextAction } from "@stoa/read-models";
import type { OpenState, PaymentFact } from "../payment.ts";
import type { ProviderAttempt } from "./provider.ts";

/** What the provider says about an attempt. */
export interface ProviderReport {
  readonly reference: string | null;
  /** What holds as long as no fact decides. */
  readonly open: OpenState;
  readonly nextAction: NextAction | null;
  readonly facts: readonly PaymentFact[];
  /** Nothing more can ever be charged on this attempt, short of a refund. */
  readonly isClosed: boolean;
  /** Why the provider did not do what it was asked, in its own words; null when it did. */
  readonly refusal: string | null;
  /** The card or wallet that the attempt is paid with, when it was asked for. */
  readonly method?: ReportedMethod | undefined;
}

/** A card, or a wallet, as its provider describes it: what is printed on the one, or the account of the other. */
export interface ReportedMethod {
  readonly reference: string;
  readonly brand: string;
  readonly last4: string | null;
  readonly expiryMonth: number | null;
  readonly expiryYear: number | null;
  /** What its owner knows a wallet by, such as `a•••@shop.example`. */
  readonly account: string | null;
  /** The same for every token of one card or wallet, where the provider tells. */
  readonly fingerprint: string | null;
  /** What the provider calls the customer, where it finds the name itself. */
  readonly customerReference?: string | undefined;
}

export interface RefundReport {
  readonly reference: string | null;
  readonly state: "pending" | "succeeded" | "failed";
  readonly refusal: string | null;
}

/** A report that tells nothing yet. */
export const nothingYet = (reference: string | null): ProviderReport => ({
  reference,
  open: "pending",
  nextAction: null,
  facts: [],
  isClosed: false,
  refusal: null,
});

/** The attempt is over at the provider and it holds nothing. */
export const nothingHeld = (attempt: ProviderAttempt): ProviderReport => {
  const reference = attempt.reference ?? attempt.paymentId;
  return { ...nothingYet(attempt.reference), facts: [{ type: "voided", reference, amount: null }], isClosed: true };
};

/** What was found, or null when the provider answers that it knows no such thing. */
export async function unlessUnknown<T>(
  finding: Promise<T>,
  classify: (error: unknown) => { readonly status: number | null },
): Promise<T | null> {
  try {
    return await finding;
  } catch (error) {
    if (classify(error).status === 404) return null;
    throw error;
  }
}

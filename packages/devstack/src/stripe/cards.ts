/** What becomes of a charge on a test card. Source: https://docs.stripe.com/testing */
export interface TestCard {
  readonly brand: string;
  readonly last4: string;
  readonly decline?: { readonly code: string; readonly declineCode: string; readonly message: string };
  /** Asks for 3-D Secure before every charge. */
  readonly authenticate?: true;
  readonly dispute?: "fraudulent";
  /** How a refund ends that begins as pending. */
  readonly refundEnds?: "failed" | "succeeded";
}

const declined = "Your card was declined.";
const decline = (code: string, declineCode: string, message: string) => ({ decline: { code, declineCode, message } });
const visa = (last4: string) => ({ brand: "visa", last4 });

const generic = { ...visa("0002"), ...decline("card_declined", "generic_decline", declined) };
const noFunds = {
  ...visa("9995"),
  ...decline("card_declined", "insufficient_funds", "Your card has insufficient funds."),
};
const lost = { ...visa("9987"), ...decline("card_declined", "lost_card", declined) };
const stolen = { ...visa("9979"), ...decline("card_declined", "stolen_card", declined) };
const expired = { ...visa("0069"), ...decline("expired_card", "expired_card", "Your card has expired.") };
const wrongCvc = {
  ...visa("0127"),
  ...decline("incorrect_cvc", "incorrect_cvc", "Your card's security code is incorrect."),
};
const processing = {
  ...visa("0119"),
  ...decline(
    "processing_error",
    "processing_error",
    "An error occurred while processing your card. Try again in a little bit.",
  ),
};

/** Test payment methods by the id that a request names. An id that is not here is refused as unknown. */
export const testCards: Readonly<Record<string, TestCard>> = {
  pm_card_visa: visa("4242"),
  pm_card_visa_debit: visa("5556"),
  pm_card_mastercard: { brand: "mastercard", last4: "4444" },
  pm_card_amex: { brand: "amex", last4: "8431" },
  pm_card_jcb: { brand: "jcb", last4: "0505" },
  pm_card_chargeDeclined: generic,
  pm_card_visa_chargeDeclined: generic,
  pm_card_chargeDeclinedInsufficientFunds: noFunds,
  pm_card_visa_chargeDeclinedInsufficientFunds: noFunds,
  pm_card_chargeDeclinedLostCard: lost,
  pm_card_visa_chargeDeclinedLostCard: lost,
  pm_card_chargeDeclinedStolenCard: stolen,
  pm_card_visa_chargeDeclinedStolenCard: stolen,
  pm_card_chargeDeclinedFraudulent: { ...visa("0019"), ...decline("card_declined", "fraudulent", declined) },
  pm_card_chargeDeclinedExpiredCard: expired,
  pm_card_visa_chargeDeclinedExpiredCard: expired,
  pm_card_chargeDeclinedIncorrectCvc: wrongCvc,
  pm_card_visa_chargeDeclinedIncorrectCvc: wrongCvc,
  pm_card_chargeDeclinedProcessingError: processing,
  pm_card_visa_chargeDeclinedProcessingError: processing,
  pm_card_authenticationRequired: { ...visa("3155"), authenticate: true },
  pm_card_threeDSecure2Required: { ...visa("3220"), authenticate: true },
  pm_card_threeDSecureRequired: { ...visa("3063"), authenticate: true },
  pm_card_authenticationRequiredChargeDeclinedInsufficientFunds: { ...noFunds, last4: "8260", authenticate: true },
  pm_card_createDispute: { ...visa("0259"), dispute: "fraudulent" },
  pm_card_pendingRefund: { ...visa("7726"), refundEnds: "succeeded" },
  pm_card_refundFail: { ...visa("5126"), refundEnds: "failed" },
};

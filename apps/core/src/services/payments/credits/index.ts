export { CREDITS_PER_ORDER_MAX, type CreditKind } from "./credit.ts";
export { expireGiftCards } from "./expire-gift-cards.ts";
export { creditSource, findStoreCredit } from "./find-credits.ts";
export { type HeldCredit, holdCredits, redeemCredits, releaseCredits } from "./hold-credits.ts";
export { issueGiftCard, issueStoreCredit } from "./issue-gift-card.ts";
export { type CreditTender, creditsOfOrders } from "./queries.ts";
export { creditsLeft, refundToCredits, returnCredits } from "./refund-credits.ts";
export { type CreditCheck, checkCredits, verifyCredits } from "./verify-credits.ts";

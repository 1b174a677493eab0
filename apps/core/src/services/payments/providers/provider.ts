import type { CustomerId, Instant, Money, OrderId, PaymentId, RefundId } from "@stoa/kernel";
import type { NextAction } from "@stoa/read-models";
import type { FactType, OpenState, PaymentFact, ProviderName } from "../payment.ts";

/** How a shopper wants to pay, as checkout hands it over. */
export interface PaymentMethodChoice {
  readonly provider: ProviderName;
  /** The provider's token for the shopper's means, such as `pm_…`, or the id of a saved one, `spm_…`. */
  readonly paymentMethod?: string | undefined;
  /** Where the provider sends the shopper back to. */
  readonly returnUrl?: string | undefined;
  /** Keep the means for later, once they have paid; for customers who are signed in. */
  readonly savePaymentMethod?: boolean | undefined;
  /** Staff take it, whatever shoppers are offered. No request of a shopper can say so. */
  readonly byStaff?: true;
}

/** What a provider is told about one attempt to be paid. Every call for it is made from these members alone. */
export interface ProviderAttempt {
  readonly paymentId: PaymentId;
  readonly orderId: OrderId;
  readonly customerId: CustomerId | null;
  /** Deterministic; keys of single calls are made from it. */
  readonly key: string;
  /** The provider's own id, once it is stored. */
  readonly reference: string | null;
  readonly amount: Money;
  readonly paymentMethod: string | null;
  readonly returnUrl: string | null;
  /** The provider's token for the customer: given with their saved means, or when they are to be saved. */
  readonly customerReference: string | null;
  readonly savesMethod: boolean;
  /** 1 on the first call ever made for this attempt. */
  readonly tries: number;
  /** An earlier call was begun whose answer nobody has seen. */
  readonly hasOpenCall: boolean;
  readonly createdAt: Instant;
  /** What our own books say, for the provider that has no other side. */
  readonly facts: readonly PaymentFact[];
}

/** What the provider says about an attempt. */
export interface ProviderReport {
  readonly reference: string | null;
  /** What holds as long as no fact decides. */
  readonly open: OpenState;
  readonly nextAction: NextAction | null;
  readonly facts: readonly PaymentFact[];
  /** Nothing more can ever be charged on this attempt, short of a refund. */
  readonly isClosed: boolean;
  /** A capture has been made whose money is not there yet, such as one that the provider reviews; it may take days. */
  readonly isCaptureUnderReview?: boolean;
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

/** Where a provider keeps customers' cards and wallets. Each call may be made again. */
export interface ProviderVault {
  /** Answers the provider's token for the customer; absent where the provider finds one itself when it first keeps something. */
  createCustomer?(customerId: CustomerId): Promise<string>;
  /** From here on the card or wallet pays nobody. Accepts that it has been so before. */
  detach(reference: string): Promise<void>;
  /** Forgets the customer and all that is kept of theirs. Accepts that it has been so before. */
  forgetCustomer(reference: string): Promise<void>;
}

/** An attempt that the provider knows and has not charged. */
export interface KnownAttempt {
  readonly reference: string;
  /** Where it stands when the shopper has to act before `authorize` can do anything; else null. */
  readonly report: ProviderReport | null;
}

/** What is to be taken of a hold. Amounts are minor units of the attempt's currency. */
export interface CaptureCall {
  /** What had been taken in all before. */
  readonly from: number;
  /** What shall have been taken in all after; the whole amount makes it the last capture. */
  readonly to: number;
  /** How many captures were refused before; part of the call's key. */
  readonly round: number;
  /** Where a hold can be captured once only and this is not all of it: take all that may yet be wanted, or let the rest go. */
  readonly ifOnlyOnce: "take_whole" | "release_rest";
  /** What may be wanted of it in all: less than the whole where units have been cancelled, and never less than `to`. */
  readonly most: number;
}

export interface RefundOrder {
  readonly refundId: RefundId;
  readonly amount: Money;
  /** The capture to refund, where the provider refunds captures and not payments. */
  readonly captureReference: string | null;
  readonly reason: string | null;
  readonly tries: number;
}

export interface RefundReport {
  readonly reference: string | null;
  readonly state: "pending" | "succeeded" | "failed";
  readonly refusal: string | null;
}

export interface ListRange {
  readonly from: number;
  readonly until: number;
}

/** A payment as the provider's own list shows it. The ids are those that it was given, and null where it was given none. */
export interface ListedPayment {
  readonly reference: string;
  readonly paymentId: PaymentId | null;
  readonly orderId: OrderId | null;
  readonly createdAt: Instant;
  readonly facts: readonly PaymentFact[];
}

/** A line of the provider's own statement: something that it did with money. */
export interface ListedMovement {
  /** The provider's id of it: an authorization, a charge, a capture, a refund. */
  readonly reference: string;
  readonly type:
    | Extract<FactType, "authorized" | "captured" | "refunded" | "disputed" | "dispute_won">
    /** The provider has taken it back by itself. */
    | "reversed"
    /** What was held back for a dispute is let go of, whoever gets the money. */
    | "dispute_ended";
  readonly amount: Money;
  /** The payment's own id there, where the statement tells it. */
  readonly paymentReference: string | null;
  /** What it was done to: the authorization that was captured, the capture that was refunded. */
  readonly of: string | null;
  /** Our ids, as the provider was given them; null where it was given none. */
  readonly paymentId: PaymentId | null;
  readonly orderId: OrderId | null;
  readonly refundId: RefundId | null;
}

export interface StatementPage {
  readonly movements: readonly ListedMovement[];
  /** Until when the statement is complete; a provider may be hours behind. */
  readonly upTo: Instant;
}

/** The range holds more than can be listed at once; a shorter one may do. */
export class TooMuchListed extends Error {
  override readonly name = "TooMuchListed";
}

/** What a shop has to say to a dispute. */
export interface ProviderEvidence {
  readonly reference: string;
  readonly paymentId: PaymentId;
  readonly text: string;
}

/** Which event a webhook carries. */
export interface EventIdentity {
  readonly eventId: string;
  readonly type: string;
}

/** A verified webhook, read: which payment it is about, and what it adds to what is known. */
export interface ParsedEvent {
  /** Null when this kind of event tells nothing about a payment. */
  readonly about: {
    readonly paymentId: string | null;
    readonly reference: string | null;
    /** A reference of one of its facts, where the provider names neither of the above. */
    readonly factReference?: string | null;
  } | null;
  readonly facts: readonly PaymentFact[];
  /** A card or wallet that was kept with the payment. */
  readonly method?: ReportedMethod | undefined;
  /** The token of one that its owner has taken back at the provider. */
  readonly removedMethod?: string | undefined;
}

/**
 * One way to be paid. Every verb may be called again after an unknown outcome: it finds out what happened before it acts,
 * and it never charges, refunds or releases twice.
 */
export interface PaymentProvider {
  readonly name: ProviderName;
  /** Absent where nothing is kept. */
  readonly vault?: ProviderVault;
  /** Why this choice or amount cannot be taken, as a path and a message for the shopper; null when it can. */
  refuses(choice: PaymentMethodChoice, amount: Money): { readonly path: string; readonly message: string } | null;
  /** Makes the attempt known to the provider without charging anything. */
  prepareAttempt?(attempt: ProviderAttempt): Promise<KnownAttempt>;
  /** Holds the money, or says what the shopper has to do first. A decline leaves nothing open at the provider. */
  authorize(attempt: ProviderAttempt): Promise<ProviderReport>;
  /** True when a refund is of one capture, not of the payment as a whole. */
  readonly refundsCaptures?: boolean;
  /** Takes what is held, or part of it. Never more than the order says, however often it is called. */
  capture(attempt: ProviderAttempt, order: CaptureCall): Promise<ProviderReport>;
  /** Lets go of what is held and closes the attempt; reports `captured` when it is too late for that. */
  void(attempt: ProviderAttempt): Promise<ProviderReport>;
  refund(attempt: ProviderAttempt, order: RefundOrder): Promise<RefundReport>;
  /** What the provider says now, with what it gave back; null when it does not know the attempt. */
  lookup(attempt: ProviderAttempt): Promise<ProviderReport | null>;
  /** The provider's books can be compared with ours: each payment by `lookup`, and all at once where there is a `list`. */
  readonly keepsBooks?: boolean;
  /** Every payment that was begun there in a range of time, ours or not. @throws TooMuchListed */
  readonly list?: (range: ListRange) => AsyncIterable<ListedPayment>;
  /** What the provider did with money in a range of time, page by page, ours or not. @throws TooMuchListed */
  readonly statement?: (range: ListRange) => AsyncIterable<StatementPage>;
  /** What the provider says now of the disputes over a payment. */
  readonly disputesOf?: (attempt: ProviderAttempt) => Promise<readonly PaymentFact[]>;
  /** Lets go of an object that no order of ours knows: what is held is let go of, what was taken is given back. */
  readonly releaseUnknown?: (reference: string) => Promise<void>;
  /**
   * Answers a dispute in words, once and for good; left out by a provider that has no disputes.
   * @throws EvidenceRefused when it takes none now.
   */
  readonly submitEvidence?: (evidence: ProviderEvidence) => Promise<void>;
  /** How many characters such words may have. */
  readonly evidenceLengthMax?: number;
  /** Both read the body of a webhook whose origin has been proved. @throws when the body is not an event. */
  identifyEvent(rawBody: string): EventIdentity;
  /** @throws also when the event's snapshot is not of a shape that we know. */
  parseEvent(rawBody: string): ParsedEvent;
}

/** The provider will not have this attempt at all, so nothing of it exists there: a decline before it began. */
export class AttemptDeclined extends Error {
  override readonly name = "AttemptDeclined";

  constructor(readonly declineCode: string) {
    super(`the provider declined the attempt: ${declineCode}`);
  }
}

/** The provider takes no evidence for this dispute, or not in its present state. */
export class EvidenceRefused extends Error {
  override readonly name = "EvidenceRefused";

  constructor(readonly reason: string) {
    super(`the provider takes no evidence: ${reason}`);
  }
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

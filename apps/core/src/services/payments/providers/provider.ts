import type { CustomerId, Instant, Money, OrderId, PaymentId, RefundId } from "@stoa/kernel";
import type { ResilienceState } from "@stoa/runtime";
import type { PaymentFact, ProviderName } from "../payment.ts";
import type { ListedPayment, ListRange, StatementPage } from "./provider-books.ts";
import type { EventIdentity, ParsedEvent } from "./provider-event.ts";
import type { ProviderReport, RefundReport } from "./provider-report.ts";

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

/** What a shop has to say to a dispute. */
export interface ProviderEvidence {
  readonly reference: string;
  readonly paymentId: PaymentId;
  readonly text: string;
}

/**
 * One way to be paid. Every verb may be called again after an unknown outcome: it finds out what happened before it acts,
 * and it never charges, refunds or releases twice.
 */
export interface PaymentProvider {
  readonly name: ProviderName;
  /** How it stands with those who call it; absent where nobody is called. */
  readonly guard?: () => ResilienceState;
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

import type { PaymentFact } from "../payment.ts";
import type { ReportedMethod } from "./provider-report.ts";

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

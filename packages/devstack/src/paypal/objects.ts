/** API objects as PayPal shows them, reduced to what the stand-in fills. Times are RFC 3339, amounts are decimal strings. */
export interface Money {
  readonly currency_code: string;
  readonly value: string;
}

export interface Link {
  readonly href: string;
  readonly rel: string;
  readonly method: string;
}

export interface PurchaseUnit {
  reference_id: string;
  amount: Money & { readonly breakdown?: unknown };
  custom_id?: string | undefined;
  description?: string | undefined;
  invoice_id?: string | undefined;
  /** What else the request gave: items, shipping, payee. It is shown and not acted on. */
  readonly [member: string]: unknown;
}

export type Intent = "AUTHORIZE" | "CAPTURE";

export interface Order {
  readonly id: string;
  intent: Intent;
  status: "APPROVED" | "COMPLETED" | "CREATED" | "PAYER_ACTION_REQUIRED";
  payment_source?: unknown;
  purchase_units: PurchaseUnit[];
  payer?: { readonly payer_id: string; readonly email_address: string };
  readonly create_time: string;
  update_time: string;
  links: readonly Link[];
}

interface Payment {
  readonly id: string;
  readonly amount: Money;
  readonly custom_id?: string | undefined;
  readonly invoice_id?: string | undefined;
  readonly seller_protection: { readonly status: "ELIGIBLE" };
  readonly supplementary_data: {
    readonly related_ids: { readonly order_id: string; readonly authorization_id?: string };
  };
  readonly create_time: string;
  update_time: string;
  readonly links: readonly Link[];
}

export interface Authorization extends Payment {
  status: "CAPTURED" | "CREATED" | "PARTIALLY_CAPTURED" | "VOIDED";
  readonly expiration_time: string;
}

export interface Capture extends Payment {
  status: "COMPLETED" | "DECLINED" | "PARTIALLY_REFUNDED" | "PENDING" | "REFUNDED";
  status_details?: { readonly reason: "PENDING_REVIEW" };
  readonly final_capture: boolean;
}

/** A wallet that its owner has allowed the merchant to charge again. */
export interface PaymentToken {
  readonly id: string;
  readonly customer: VaultCustomer;
  readonly payment_source: {
    readonly paypal: {
      readonly usage_type: string;
      readonly email_address: string;
      readonly payer_id: string;
      readonly account_id: string;
    };
  };
  readonly links: readonly Link[];
}

export interface PaypalEvent {
  readonly id: string;
  readonly event_version: "1.0";
  readonly create_time: string;
  readonly resource_type: string;
  readonly resource_version: "2.0";
  readonly event_type: string;
  readonly summary: string;
  readonly resource: unknown;
  readonly links: readonly Link[];
}

export interface VaultCustomer {
  readonly id: string;
  readonly merchant_customer_id?: string | undefined;
}

export interface Dispute {
  /** Shown as `dispute_id`. */
  readonly id: string;
  readonly create_time: string;
  update_time: string;
  readonly disputed_transactions: readonly {
    readonly seller_transaction_id: string;
    readonly create_time: string;
    readonly transaction_status: string;
    readonly gross_amount: Money;
    readonly custom?: string | undefined;
  }[];
  readonly reason: string;
  status: "RESOLVED" | "UNDER_REVIEW" | "WAITING_FOR_SELLER_RESPONSE";
  dispute_state: "REQUIRED_ACTION" | "RESOLVED" | "UNDER_PAYPAL_REVIEW";
  readonly dispute_amount: Money;
  readonly dispute_life_cycle_stage: "CHARGEBACK";
  readonly dispute_channel: "INTERNAL";
  seller_response_due_date?: string;
  dispute_outcome?: { readonly outcome_code: string; readonly amount_refunded?: Money };
  evidences: readonly unknown[];
}

/** Money of a capture that PayPal has taken back by itself; shown as a refund that nobody asked for. */
export interface Reversal {
  readonly id: string;
  readonly status: "COMPLETED";
  readonly amount: Money;
  readonly custom_id?: string | undefined;
  readonly create_time: string;
  readonly update_time: string;
  /** `up` leads to the capture. */
  readonly links: readonly Link[];
}

export interface Refund {
  readonly id: string;
  readonly amount: Money;
  readonly custom_id?: string | undefined;
  readonly invoice_id?: string | undefined;
  readonly note_to_payer?: string | undefined;
  status: "COMPLETED" | "FAILED" | "PENDING";
  status_details?: { readonly reason: "ECHECK" };
  readonly create_time: string;
  update_time: string;
  /** `up` leads to the capture. */
  readonly links: readonly Link[];
}

/**
 * The API objects as Stripe shows them, reduced to what the stand-in fills. Amounts are integers of the currency's minor unit,
 * times are seconds since 1970. Source: Stripe API 2026-10-28.endive.
 */
export type Metadata = Record<string, string>;
export type StripeValue = string | StripeValue[] | { [name: string]: StripeValue };

export interface StripeErrorBody {
  readonly type: "api_error" | "card_error" | "idempotency_error" | "invalid_request_error";
  readonly message: string;
  readonly code?: string;
  readonly decline_code?: string;
  readonly param?: string;
  readonly doc_url?: string;
  readonly charge?: string;
  readonly payment_intent?: PaymentIntent;
  readonly payment_method?: PaymentMethod;
}

export interface Customer {
  readonly id: string;
  readonly object: "customer";
  readonly created: number;
  readonly livemode: false;
  address: StripeValue | null;
  description: string | null;
  email: string | null;
  metadata: Metadata;
  name: string | null;
  phone: string | null;
  shipping: StripeValue | null;
  /** Its id is never given again, and nothing more than that is told of it. */
  deleted?: true;
}

export type DeletedCustomer = Required<Pick<Customer, "id" | "object" | "deleted">>;

export interface PaymentMethod {
  readonly id: string;
  readonly object: "payment_method";
  readonly billing_details: {
    readonly address: Record<"city" | "country" | "line1" | "line2" | "postal_code" | "state", string | null>;
    readonly email: string | null;
    readonly name: string | null;
    readonly phone: string | null;
  };
  readonly card: {
    readonly brand: string;
    readonly checks: Record<"address_line1_check" | "address_postal_code_check" | "cvc_check", string | null>;
    readonly country: string;
    readonly exp_month: number;
    readonly exp_year: number;
    readonly fingerprint: string;
    readonly funding: string;
    readonly last4: string;
    readonly three_d_secure_usage: { readonly supported: boolean };
  };
  readonly created: number;
  customer: string | null;
  readonly livemode: false;
  metadata: Metadata;
  readonly type: "card";
}

export type IntentStatus =
  | "requires_payment_method"
  | "requires_confirmation"
  | "requires_action"
  | "requires_capture"
  | "canceled"
  | "succeeded";

export type NextAction =
  | {
      readonly type: "redirect_to_url";
      readonly redirect_to_url: { readonly url: string; readonly return_url: string };
    }
  | {
      readonly type: "use_stripe_sdk";
      readonly use_stripe_sdk: { readonly type: "three_d_secure_redirect"; readonly stripe_js: string };
    };

export interface PaymentIntent {
  readonly id: string;
  readonly object: "payment_intent";
  readonly allowed_payment_method_types: readonly string[] | null;
  amount: number;
  amount_capturable: number;
  amount_received: number;
  readonly application: null;
  readonly application_fee_amount: null;
  readonly automatic_payment_methods: { readonly enabled: boolean; readonly allow_redirects: string } | null;
  canceled_at: number | null;
  cancellation_reason: string | null;
  readonly capture_method: "automatic" | "automatic_async" | "manual";
  readonly client_secret: string;
  readonly confirmation_method: "automatic";
  readonly created: number;
  currency: string;
  customer: string | null;
  description: string | null;
  last_payment_error: StripeErrorBody | null;
  latest_charge: string | null;
  readonly livemode: false;
  metadata: Metadata;
  next_action: NextAction | null;
  readonly on_behalf_of: null;
  payment_method: string | null;
  readonly payment_method_options: StripeValue;
  readonly payment_method_types: readonly string[];
  readonly processing: null;
  receipt_email: string | null;
  readonly review: null;
  setup_future_usage: string | null;
  shipping: StripeValue | null;
  readonly source: null;
  statement_descriptor: string | null;
  statement_descriptor_suffix: string | null;
  status: IntentStatus;
  readonly transfer_data: null;
  transfer_group: string | null;
}

export interface Charge {
  readonly id: string;
  readonly object: "charge";
  readonly amount: number;
  amount_captured: number;
  amount_refunded: number;
  balance_transaction: string | null;
  readonly billing_details: PaymentMethod["billing_details"];
  captured: boolean;
  readonly created: number;
  readonly currency: string;
  readonly customer: string | null;
  readonly description: string | null;
  disputed: boolean;
  readonly failure_code: string | null;
  readonly failure_message: string | null;
  readonly livemode: false;
  readonly metadata: Metadata;
  readonly outcome: {
    readonly network_status: string;
    readonly reason: string | null;
    readonly risk_level: string;
    readonly seller_message: string;
    readonly type: string;
  };
  readonly paid: boolean;
  readonly payment_intent: string;
  readonly payment_method: string;
  readonly payment_method_details: {
    readonly type: "card";
    readonly card: PaymentMethod["card"] & {
      readonly capture_before?: number;
      readonly multicapture?: { readonly status: "available" | "unavailable" };
    };
  };
  readonly receipt_email: string | null;
  refunded: boolean;
  readonly shipping: StripeValue | null;
  readonly status: "failed" | "succeeded";
}

export interface Refund {
  readonly id: string;
  readonly object: "refund";
  readonly amount: number;
  readonly balance_transaction: string | null;
  readonly charge: string;
  readonly created: number;
  readonly currency: string;
  failure_balance_transaction?: string;
  failure_reason?: string;
  metadata: Metadata;
  readonly payment_intent: string;
  readonly reason: string | null;
  readonly receipt_number: null;
  status: "failed" | "pending" | "succeeded";
}

export interface BalanceTransaction {
  readonly id: string;
  readonly object: "balance_transaction";
  readonly amount: number;
  readonly available_on: number;
  readonly created: number;
  readonly currency: string;
  readonly description: null;
  readonly exchange_rate: null;
  readonly fee: 0;
  readonly fee_details: readonly never[];
  readonly net: number;
  readonly reporting_category: string;
  readonly source: string;
  readonly status: "available";
  readonly type: "adjustment" | "charge" | "refund" | "refund_failure";
}

export interface Dispute {
  readonly id: string;
  readonly object: "dispute";
  readonly amount: number;
  readonly balance_transactions: readonly never[];
  readonly charge: string;
  readonly created: number;
  readonly currency: string;
  evidence: StripeValue;
  evidence_details: {
    readonly due_by: number;
    readonly has_evidence: boolean;
    readonly past_due: false;
    readonly submission_count: number;
  };
  readonly is_charge_refundable: false;
  readonly livemode: false;
  metadata: Metadata;
  readonly payment_intent: string;
  readonly reason: string;
  status: "lost" | "needs_response" | "under_review" | "won";
}

export interface StripeEvent {
  readonly id: string;
  readonly object: "event";
  readonly api_version: string;
  readonly created: number;
  readonly data: { readonly object: unknown; readonly previous_attributes?: Readonly<Record<string, unknown>> };
  readonly livemode: false;
  pending_webhooks: number;
  readonly request: { readonly id: string | null; readonly idempotency_key: string | null };
  readonly type: string;
}

export interface ApiList<Item> {
  readonly object: "list";
  readonly url: string;
  readonly has_more: boolean;
  readonly data: readonly Item[];
}

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

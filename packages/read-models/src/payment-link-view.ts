import type { Currency, Money } from "@stoa/kernel";
import type { OrderView, ShippingMethodView, TotalsView } from "./order-view.ts";

type OrderItem = OrderView["items"][number];

/** Exactly what the storefront API calls PaymentLink. Asked of core each time; it lies in no cache. */
export interface PaymentLinkView {
  readonly state: "open" | "processing" | "paid" | "expired";
  readonly currency: Currency;
  readonly items: readonly Omit<OrderItem, "shipped" | "cancelled" | "returned">[];
  readonly totals: TotalsView;
  readonly shippingMethod: ShippingMethodView;
  /** Nothing once it is paid. */
  readonly amountDue: Money;
  readonly expiresAt: string;
}

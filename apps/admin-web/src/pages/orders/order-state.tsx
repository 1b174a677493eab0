import { inWords } from "../../format.ts";
import { Badge, type Tone } from "../../ui/badge.tsx";
import type { OrderRow, OrderState } from "./orders-search.ts";

const stateTones: Readonly<Record<OrderState, Tone>> = {
  pending: "info",
  confirmed: "good",
  completed: "neutral",
  refused: "bad",
  cancelled: "neutral",
  on_hold: "warn",
};

const paymentTones: Readonly<Record<OrderRow["payment"]["state"], Tone>> = {
  pending: "info",
  requires_action: "warn",
  authorized: "info",
  captured: "good",
  partially_refunded: "warn",
  refunded: "neutral",
  voided: "neutral",
  failed: "bad",
};

export function OrderStateBadge({ state }: { readonly state: OrderState }) {
  return <Badge tone={stateTones[state]}>{inWords(state)}</Badge>;
}

export function PaymentStateBadge({ state }: { readonly state: OrderRow["payment"]["state"] }) {
  return <Badge tone={paymentTones[state]}>{inWords(state)}</Badge>;
}

import type { OrderView, StoredOrder } from "@stoa/read-models";

/** The order as shoppers see it. Why it is held is the shop's own business: to them it is pending, or confirmed once paid. */
export function orderAnswer({ view }: StoredOrder): OrderView {
  const { refusal, ...rest } = view;
  const shown = refusal ? { ...rest, refusal: { code: refusal.code, detail: refusal.detail } } : rest;
  if (view.state !== "on_hold") return shown;
  const paid = view.payment.state === "authorized" || view.payment.state === "captured";
  return { ...shown, state: paid ? "confirmed" : "pending" };
}

import { applyProviderEvent } from "../apply-event.ts";
import { storeProviderEvent } from "../take-event.ts";
import { prepareAuthorization, type TestOrder, type TestShop, testOrder } from "./shop.ts";

let counter = 0;
export const nextId = () => {
  counter += 1;
  return String(counter).padStart(6, "0");
};

export function stripeEvent(type: string, object: object): string {
  return JSON.stringify({ id: `evt_${nextId()}`, type, data: { object } });
}

export interface Told {
  readonly paymentId: string;
  readonly reference: string;
  readonly amount?: number;
  readonly currency?: string;
}

export const intent = ({ paymentId, reference, amount = 5_200, currency = "usd" }: Told, status: string) => ({
  id: reference,
  status,
  amount,
  amount_capturable: status === "requires_capture" ? amount : 0,
  amount_received: status === "succeeded" ? amount : 0,
  currency,
  created: 1_795_000_000,
  metadata: { paymentId },
});

/** An attempt that has been begun and about which nothing else is known. */
export async function begin(shop: TestShop): Promise<Told & { readonly order: TestOrder }> {
  const order = testOrder();
  const { attempt } = await prepareAuthorization(shop, order);
  return { order, paymentId: attempt.paymentId, reference: `pi_${nextId()}` };
}

export async function take(shop: TestShop, rawBody: string) {
  const id = await storeProviderEvent(shop.deps, { provider: "stripe", rawBody, verdict: "signature_valid" });
  return id ? applyProviderEvent(shop.deps, id) : null;
}

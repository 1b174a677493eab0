import { expect, test } from "bun:test";
import {
  CheckoutPaymentIntent,
  type OrderRequest,
  PaypalPaymentTokenUsageType,
  StoreInVaultInstruction,
} from "@paypal/paypal-server-sdk";
import {
  advance,
  approvedOrder,
  clientOf,
  createOrder,
  orderRequest,
  refusalOf,
  startTestPaypal,
} from "./test-support.ts";

const { Authorize } = CheckoutPaymentIntent;

/** An order that does not say who pays it. */
function anyOrder(): OrderRequest {
  const { paymentSource: _, ...request } = orderRequest(Authorize);
  return request;
}

/** An order during which the payer's wallet is to be kept. */
function savingRequest(customer?: { readonly id?: string; readonly merchantCustomerId?: string }): OrderRequest {
  const vault = { storeInVault: StoreInVaultInstruction.OnSuccess, usageType: PaypalPaymentTokenUsageType.Merchant };
  const attributes = { vault, ...(customer && { customer }) };
  const request = orderRequest(Authorize);
  return { ...request, paymentSource: { paypal: { ...request.paymentSource?.paypal, attributes } } };
}

test("a wallet is kept with the payment it was asked for, and pays later without its owner", async () => {
  await using server = await startTestPaypal();
  const shop = clientOf(server);
  const id = await approvedOrder(shop, savingRequest({ merchantCustomerId: "cus_1" }));
  expect((await shop.orders.getOrder({ id })).result.paymentSource?.paypal?.attributes).toBeUndefined();
  await shop.orders.authorizeOrder({ id });
  const kept = (await shop.orders.getOrder({ id })).result.paymentSource?.paypal?.attributes?.vault;
  const vaultId = String(kept?.id);
  const customerId = String(kept?.customer?.id);
  expect(kept).toMatchObject({ status: "VAULTED", customer: { merchantCustomerId: "cus_1" } });
  const { result: listed } = await shop.vault.listCustomerPaymentTokens({ customerId, totalRequired: true });
  expect(listed).toMatchObject({ totalItems: 1, paymentTokens: [{ id: vaultId }] });

  const later = await createOrder(shop, anyOrder());
  const body = { paymentSource: { paypal: { vaultId } } };
  const paid = await shop.orders.authorizeOrder({ id: String(later.id), body, prefer: "return=representation" });
  expect(String(paid.result.status)).toBe("COMPLETED");
  expect(paid.result.purchaseUnits?.[0]?.payments?.authorizations).toHaveLength(1);

  await shop.vault.deletePaymentToken(vaultId);
  expect(await refusalOf(shop.vault.deletePaymentToken(vaultId))).toMatchObject({ status: 404 });
  const refused = await createOrder(shop, anyOrder());
  const again = shop.orders.authorizeOrder({ id: String(refused.id), body });
  expect(await refusalOf(again)).toMatchObject({ status: 422, issue: "TOKEN_ID_NOT_FOUND" });
});

test("a customer who is known keeps a second wallet under the same id", async () => {
  await using server = await startTestPaypal();
  const shop = clientOf(server);
  const save = async (customer?: { readonly id: string }) => {
    const id = await approvedOrder(shop, savingRequest(customer));
    await shop.orders.authorizeOrder({ id });
    return String((await shop.orders.getOrder({ id })).result.paymentSource?.paypal?.attributes?.vault?.customer?.id);
  };
  const customerId = await save();
  expect(await save({ id: customerId })).toBe(customerId);
  const { result } = await shop.vault.listCustomerPaymentTokens({ customerId, pageSize: 1, page: 2 });
  expect(result.paymentTokens).toHaveLength(1);
});

test("a wallet that PayPal keeps later is told of by status, and by an event when it is there", async () => {
  await using server = await startTestPaypal();
  const shop = clientOf(server);
  const delay = { kind: "delay", delayMs: 60_000 } as const;
  server.faults?.arm({ operation: "vault.settlement", action: delay, times: 1 });
  const id = await approvedOrder(shop, savingRequest());
  await shop.orders.authorizeOrder({ id });
  const kept = async () => (await shop.orders.getOrder({ id })).result.paymentSource?.paypal?.attributes?.vault;
  expect(await kept()).toMatchObject({ status: "APPROVED" });
  expect((await kept())?.id).toBeUndefined();
  await advance(server, 61);
  expect(await kept()).toMatchObject({ status: "VAULTED" });
});

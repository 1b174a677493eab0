import { expect, test } from "bun:test";
import { createClient } from "@stoa/contract";
import type { ShopUnderTest } from "./shop.ts";
import { address } from "./shopping.ts";

/** The typed client at a running shop, as a storefront uses it. */
export function describeClient(open: () => ShopUnderTest): void {
  test("by the typed client a guest buys, sees the order change and has its invoice", async () => {
    const { edgeUrl: baseUrl, sampleSku: sku } = open();
    const client = createClient({ baseUrl });
    const { body: cart } = await client.call("carts.create", { body: { items: [{ sku, quantity: 1 }] } });
    const params = { cartId: cart.id };
    await client.call("carts.update", { params, body: { email: "ada@example.com", shippingAddress: address } });
    const { body: methods } = await client.call("carts.shippingMethods", { params });
    const { body: placed } = await client.call("carts.checkout", {
      params,
      body: {
        shippingMethod: methods.items[0]?.id ?? "",
        payment: { provider: "stripe", paymentMethod: "pm_card_visa" },
      },
    });
    const own = { params: { orderId: placed.id }, headers: { "x-order-token": placed.accessToken ?? "" } };
    const { body: invoice } = await client.call("orders.invoice", own);
    expect(await invoice.slice(0, 5).text()).toBe("%PDF-");
    const states: string[] = [];
    for await (const { state } of client.watchOrder(own)) {
      if (states.push(state) === 1) await client.call("orders.cancel", own);
      if (state === "cancelled") break;
    }
    expect(states[0]).toBe("confirmed");
  });
}

import { expect, test } from "bun:test";
import { sql } from "drizzle-orm";
import { transact } from "../../platform/db/index.ts";
import { createPromotion, saveTaxRate } from "../carts/index.ts";
import { aCart, aSku, deliver, leftBehind, PRICE, place } from "./testing/checkout.ts";
import { shopForFile } from "./testing/shop-for-file.ts";

const shop = await shopForFile();

const taxed = (taxClass: string, basisPoints: number, included: boolean) =>
  transact(shop.db, (tx) =>
    saveTaxRate(
      { tx, now: shop.clock.now() },
      { country: "DE", taxClass, name: taxClass, basisPoints, isIncluded: included },
    ),
  );

/** What refunds and invoices count with, added up by the database. */
async function paidParts(orderId: string) {
  const [sums] = await shop.db.execute<Record<"lines" | "shipping" | "taxes" | "tax" | "total", string>>(sql`
    select (select sum(total + case when tax_included then 0 else tax end) from orders.order_line where order_id = o.id) as lines,
      o.shipping - o.shipping_discount + case when o.shipping_tax_included then 0 else o.shipping_tax end as shipping,
      (select sum((t->>'amount')::bigint) from jsonb_array_elements(o.taxes) t) as taxes, o.tax, o.total
    from orders.order o where o.number = ${orderId}`);
  return Object.fromEntries(Object.entries(sums ?? {}).map(([name, amount]) => [name, Number(amount)]));
}

test("an order keeps the tax of each line and of shipping; what was paid for its parts is what the provider took", async () => {
  await taxed("standard", 1_900, true);
  await taxed("shipping", 700, false);
  const now = shop.clock.now();
  const effect = { kind: "percent", target: "shipping", basisPoints: 5_000 } as const;
  await transact(shop.db, (tx) => createPromotion({ tx, now }, { name: "Half the shipping", effect }));
  const sku = await aSku(shop, 5);
  const orderId = await place(shop, await aCart(shop, sku));
  await deliver(shop, orderId);
  const { view, charges } = await leftBehind(shop, orderId, sku);

  expect(view.taxLines).toEqual([
    {
      sku,
      name: "standard",
      basisPoints: 1_900,
      included: true,
      taxable: { amount: PRICE, currency: "USD" },
      amount: { amount: 399, currency: "USD" },
    },
    {
      name: "shipping",
      basisPoints: 700,
      included: false,
      taxable: { amount: 250, currency: "USD" },
      amount: { amount: 18, currency: "USD" },
    },
  ]);
  expect(view.totals).toMatchObject({ shipping: { amount: 500 }, discount: { amount: 250 }, tax: { amount: 417 } });
  expect(charges).toEqual([{ state: "captured", amount: view.totals.total.amount }]);
  const total = PRICE + 500 - 250 + 18;
  expect(await paidParts(view.number)).toEqual({ lines: PRICE, shipping: 268, taxes: 417, tax: 417, total });
});

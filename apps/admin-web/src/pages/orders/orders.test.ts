import { expect, test } from "bun:test";
import { newOrders, type OrderListPage, withChangedRows } from "./fresh-orders.ts";
import { cancelConsequences, cancelRefusal, type Order } from "./order.ts";

const usd = (amount: number) => ({ amount, currency: "USD" as const });
const address = { name: "Ada", line1: "1 Main Street", city: "Portland", postalCode: "97201", country: "US" };

function order(id: string, change: Partial<Order> = {}): Order {
  const line = { sku: "MUG-1", title: "Mug", options: {}, quantity: 2, unitPrice: usd(1_000) };
  return {
    id,
    number: id,
    state: "confirmed",
    currency: "USD",
    email: "ada@example.com",
    items: [{ ...line, discount: usd(0), tax: usd(0), total: usd(2_000) }],
    totals: { subtotal: usd(2_000), discount: usd(0), shipping: usd(0), tax: usd(0), total: usd(2_000) },
    shippingAddress: address,
    shippingMethod: { id: "standard", name: "Standard", price: usd(0) },
    payment: { state: "captured", provider: "stripe", refundedTotal: usd(0) },
    fulfilment: { state: "unfulfilled", shipments: [] },
    placedAt: "2026-03-01T12:00:00.000Z",
    timeline: [],
    customerId: null,
    settled: true,
    sagas: [],
    ...change,
  };
}
const page = (...items: Order[]): OrderListPage => ({ items, nextCursor: null, total: items.length });

test("a changed order is refreshed in its place", () => {
  const changed = withChangedRows(page(order("a"), order("b")), [order("b", { state: "cancelled" }), order("z")]);
  expect(changed.items.map(({ id, state }) => [id, state])).toEqual([
    ["a", "confirmed"],
    ["b", "cancelled"],
  ]);
});

test("only orders that are newer, unseen and fit the filter count as new", () => {
  const later = { placedAt: "2026-03-01T13:00:00.000Z" };
  const changed = [
    order("a", later),
    order("new", later),
    order("old"),
    order("other", { ...later, state: "pending" }),
  ];
  const since = Date.parse("2026-03-01T12:00:00.000Z");
  expect(newOrders(page(order("a")), changed, { search: { state: "confirmed" }, since })).toEqual(["new"]);
  expect(newOrders(page(order("a")), changed, { search: { q: "grace@" }, since })).toEqual([]);
});

test("cancelling says beforehand what becomes of money and stock", () => {
  const paid = cancelConsequences(order("a", { payment: { ...order("a").payment, refundedTotal: usd(500) } }));
  expect(paid.money).toContain("$15.00 is refunded");
  expect(paid.stock).toBe("2 units (1 SKU) become available again.");
  const swapped = order("a", { payment: { ...order("a").payment, refundedTotal: usd(500), setOffTotal: usd(300) } });
  expect(cancelConsequences(swapped).money).toContain("$12.00 is refunded");
  const held = order("a", { payment: { ...order("a").payment, state: "authorized" } });
  expect(cancelConsequences(held).money).toContain("The hold of $20.00 is released");
});

test("money that the payer has by a dispute, or may get by one, is not told as a refund", () => {
  const at = "2026-03-01T12:00:00.000Z";
  const after = (...types: string[]) => {
    const timeline = types.map((type) => ({ at, type })) as Order["timeline"];
    return cancelConsequences(order("a", { timeline })).money;
  };
  expect(after("payment_captured", "payment_disputed")).toContain("until that is decided");
  expect(after("payment_disputed", "dispute_lost", "note")).toContain("has it already");
  expect(after("payment_disputed", "dispute_won")).toContain("$20.00 is refunded");
});

test("one unit becomes available", () => {
  const one = order("a");
  const items = one.items.map((item) => ({ ...item, quantity: 1 }));
  expect(cancelConsequences({ ...one, items }).stock).toBe("1 unit (1 SKU) becomes available again.");
});

test("what cannot be cancelled says why", () => {
  expect(cancelRefusal(order("a"))).toBeNull();
  for (const state of ["on_hold", "completed", "cancelled", "refused"] as const) {
    expect(cancelRefusal(order("a", { state }))).toBeString();
  }
});
